export function Logo ({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox='0 0 32 32' width={size} height={size} aria-hidden='true'>
      <rect width='32' height='32' rx='8' fill='#0f1a20' />
      <path d='M6 22c3-10 6-14 9-14 4 0 3 9 6 9 2 0 3-3 5-7' fill='none' stroke='#5fd6b4' strokeWidth='3' strokeLinecap='round' />
      <path d='M9 25c3-5 5-7 7-7 3 0 3 4 6 4' fill='none' stroke='#7aa8f0' strokeWidth='2.4' strokeLinecap='round' opacity='.8' />
    </svg>
  )
}
