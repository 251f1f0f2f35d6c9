import type { AdapterDetail } from '../../api/adapters';
import { LinkList, queueLinks } from '../../components/page/LinkList';

/** The queues that an adapter appends to and sends, and where refused messages are. */
export function QueueLinks({ adapter: { queues, deadLetters, egress } }: { adapter: AdapterDetail }) {
  return (
    <LinkList
      rows={[
        ['Appends to', queueLinks(queues)],
        ['Sends', queueLinks(egress)],
        ['Dead letters', queueLinks(deadLetters === '' ? [] : [deadLetters])],
      ]}
    />
  );
}
