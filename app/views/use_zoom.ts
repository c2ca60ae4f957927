import { useEffect, useState } from 'react'
import { ZoomCamera } from '../draw/zoom_camera.ts'
import type { ZoomLayout, ZoomView } from '../draw/zoom_layout.ts'
import { useMedia } from './use_media.ts'

/** How often, at most, what is written of the window follows it, in milliseconds. */
const PERIOD = 120

export interface Zoom {
  readonly camera: ZoomCamera
  /** What was seen a moment ago: for words and buttons. */
  readonly view: ZoomView
}

/** A camera, and the view that follows it at a pace of words. */
export function useZoom(layout: ZoomLayout): Zoom {
  const isStill = useMedia('(prefers-reduced-motion: reduce)')
  const [camera] = useState(() => new ZoomCamera(layout))
  const [view, setView] = useState(camera.view)
  useEffect(() => {
    camera.setStill(isStill)
  }, [camera, isStill])
  useEffect(() => {
    let timer: number | undefined
    const end = camera.onMoved(() => {
      timer ??= window.setTimeout(() => {
        timer = undefined
        setView(camera.view)
      }, PERIOD)
    })
    return () => {
      end()
      clearTimeout(timer)
    }
  }, [camera])
  useEffect(() => {
    camera.layOut(layout)
  }, [camera, layout])
  return { camera, view }
}
