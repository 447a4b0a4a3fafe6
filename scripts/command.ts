/** A command of the operator: one line when it is done, one sentence and exit code 1 when it is not. A stack trace helps nobody at this place. */
export async function command (work: () => Promise<string>): Promise<void> {
  try {
    console.log(await work())
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
