using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix;

// Journal records of an adapter: notes and announcements.
public sealed partial class FixSession
{
    /// <summary>Stores a note. It survives sequence resets and, if the session has a journal, the process.</summary>
    internal void Note(ReadOnlySpan<byte> note)
    {
        lock (_gate)
        {
            _store.Note(note);
        }
    }

    /// <summary>Called from <see cref="IFixApplication.OnMessage"/>: records the position that the message will have in its
    /// queue.</summary>
    /// <exception cref="Core.EstreamStorageException">The journal cannot be written now.</exception>
    internal void Announce(in FixAnnouncement announcement)
    {
        lock (_gate)
        {
            _store.Announce(announcement);
        }
    }

    /// <summary>Corrects the next expected MsgSeqNum after a crash; see <see cref="IFixStore.Reconcile"/>.</summary>
    internal void Reconcile(IFixQueues queues)
    {
        lock (_gate)
        {
            _store.Reconcile(queues);
        }
    }

    /// <summary>
    /// Completes when the received messages and the journal are durable. The connection sends nothing before that, so a MsgSeqNum that the
    /// counterparty has seen is never used for another message. The journal comes first, because after a power cut its announcements show
    /// which messages are stored.
    /// </summary>
    internal async ValueTask SettleAsync(CancellationToken cancellation)
    {
        await _store.WaitDurableAsync(cancellation).ConfigureAwait(false);
        await _application.SettleAsync(this, cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads the notes and sent messages of earlier processes.</summary>
    internal void ReadJournal(FixStoreEntry take)
    {
        lock (_gate)
        {
            _store.ReadAll(take);
        }
    }
}
