export type MessageStatus = 'streaming' | 'done' | 'stopped' | 'interrupted' | 'failed'

/** `seq` is the last part of the answer that `content` holds: a reader goes on from there. */
export interface StoredMessage {
  id: string
  role: 'person' | 'assistant'
  /** Only a model writes Markdown. */
  source: 'person' | 'command' | 'model' | 'notice'
  status: MessageStatus
  content: string
  seq: number
  failure?: string | null
  clientMessageId?: string | null
  replyTo?: string | null
  createdAt: string
}
