using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix;

// What an adapter keeps in the journal beside the messages.
public sealed partial class FixSession
{
    /// <summary>Keeps a note; it outlives new beginnings, and the process where the session has a journal.</summary>
    internal void Note(ReadOnlySpan<byte> note)
    {
        lock (_gate)
        {
            _store.Note(note);
        }
    }

    /// <summary>From inside <see cref="IFixApplication.OnMessage"/>: keeps where the message will be in its queue.</summary>
    /// <exception cref="Core.EstreamStorageException">The journal cannot be written now.</exception>
    internal void Announce(in FixAnnouncement announcement)
    {
        lock (_gate)
        {
            _store.Announce(announcement);
        }
    }

    /// <summary>Corrects the number that is expected next after a crash; see <see cref="IFixStore.Reconcile"/>.</summary>
    internal void Reconcile(IFixQueues queues)
    {
        lock (_gate)
        {
            _store.Reconcile(queues);
        }
    }

    /// <summary>
    /// Completes when the received messages and the journal are durable. The connection sends nothing before: a number that the
    /// counterparty has seen is never used for another message. The journal comes first, because its announcements tell after a power cut
    /// which messages are stored.
    /// </summary>
    internal async ValueTask SettleAsync(CancellationToken cancellation)
    {
        await _store.WaitDurableAsync(cancellation).ConfigureAwait(false);
        await _application.SettleAsync(this, cancellation).ConfigureAwait(false);
    }

    /// <summary>Goes through the notes, and the messages that were sent, of earlier processes.</summary>
    internal void ReadJournal(FixStoreEntry take)
    {
        lock (_gate)
        {
            _store.ReadAll(take);
        }
    }
}
