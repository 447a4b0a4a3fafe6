import { useQuery } from '@tanstack/react-query'
import { Inbox } from 'lucide-react'
import { mailboxQuery, type Message } from '../api/mailbox.ts'
import { Card } from '../components/card.tsx'
import { Moment } from '../components/moment.tsx'
import { Page } from '../components/page.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { NotFound } from './not-found.tsx'
import styles from './mailbox.module.css'

/** Where mail lands on a local Aurora that sends none. */
export function Mailbox () {
  const { data, error, refetch } = useQuery({ ...mailboxQuery, refetchInterval: 5000 })
  if (data === null) return <NotFound />
  return (
    <Page title='Mailbox'>
      <p className={styles.lead}>This Aurora has no mail server: what it would have mailed lies here, for you as its local administrator alone.</p>
      {data === undefined && (error === null ? <Loading what='the mailbox' rows={3} /> : <Failure error={error} retry={() => { refetch() }} />)}
      {data?.messages.length === 0 && <Empty icon={Inbox} title='No mail'><p>A registration or an invitation puts its link here.</p></Empty>}
      {data?.messages.map(message => <Mail key={message.id} message={message} />)}
    </Page>
  )
}

function Mail ({ message }: { message: Message }) {
  return (
    <Card title={message.subject} aside={<span className={styles.at}><Moment at={message.at} /></span>}>
      <p className={styles.to}>To {message.to}</p>
      <p className={styles.text}>{message.link === null ? message.text : message.text.replace(message.link, '').trim()}</p>
      {message.link !== null && <a className={styles.link} href={message.link}>Open the link</a>}
    </Card>
  )
}
