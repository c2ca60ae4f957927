/** Where a sector of an array lies, as formulas that a page shows beside its picture. */
export { placementFormula, type FormulaLine, type PlacementFormula } from '../md/placement_formula.ts'
