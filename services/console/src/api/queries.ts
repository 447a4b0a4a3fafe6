import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { isProblem } from './problem.ts'
import { sessionQuery } from './session.ts'

/** All that the console knows lies here, in memory, and goes when the session does. */
export function createQueries (): QueryClient {
  const onError = (error: unknown) => {
    if (isProblem(error) && error.status === 401) forget(queries)
  }
  const queries: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    // a wrong password is a 401 too, and ends nothing
    mutationCache: new MutationCache({ onError: (error, _values, _result, mutation) => mutation.meta?.entry === true || onError(error) }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        refetchOnWindowFocus: true,
        // a refusal stays a refusal: only silence, trouble and `later` are worth asking again
        retry: (count, error) => count < 3 && isPassing(error),
        // and a page that could not be had is tried again by itself
        refetchInterval: query => query.state.status === 'error' && isPassing(query.state.error) ? 5000 : false,
        retryDelay: count => Math.min(500 * 2 ** count, 4000)
      },
      mutations: { networkMode: 'always' }
    }
  })
  return queries
}

const isPassing = (error: unknown) => isProblem(error) && (error.status === 0 || error.status >= 502)

/** The session is over: nothing of it stays, and every page that needs one leads to sign-in. */
export function forget (queries: QueryClient): void {
  queries.removeQueries({ predicate: query => query.queryKey[0] !== 'session' })
  queries.getMutationCache().clear()
  queries.setQueryData(sessionQuery.queryKey, null)
}
