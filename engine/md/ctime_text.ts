const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * A date and time as ctime(3) writes it, without the line end: `Fri Nov 20 06:23:39 2026`.
 * @param seconds since 1970, UTC
 */
export function ctimeText(seconds: number): string {
  const day = Math.floor(seconds / 86400)
  const second = seconds - day * 86400
  const { year, month, dayOfMonth } = civil(day)
  const clock = [second / 3600, (second / 60) % 60, second % 60].map((part) => pad(Math.floor(part), '0')).join(':')
  return `${DAYS[day % 7]} ${MONTHS[month]} ${pad(dayOfMonth, ' ')} ${clock} ${year}`
}

function pad(value: number, fill: string): string {
  return String(value).padStart(2, fill)
}

/** Year, month from 0 and day of the month of a day counted from 1970-01-01. */
function civil(day: number): { year: number; month: number; dayOfMonth: number } {
  let year = 1970 + Math.floor(day / 366)
  while (daysBefore(year + 1) <= day) year++
  let rest = day - daysBefore(year)
  let month = 0
  while (rest >= monthDays(year, month)) rest -= monthDays(year, month++)
  return { year, month, dayOfMonth: rest + 1 }
}

/** Days from 1970-01-01 to the first day of a year. */
function daysBefore(year: number): number {
  const before = year - 1
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 477
  return (year - 1970) * 365 + leapDays
}

function monthDays(year: number, month: number): number {
  if (month === 1) return daysBefore(year + 1) - daysBefore(year) === 366 ? 29 : 28
  return [3, 5, 8, 10].includes(month) ? 30 : 31
}
