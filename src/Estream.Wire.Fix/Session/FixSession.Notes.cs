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

    /// <summary>Goes through the notes, and the messages that were sent, of earlier processes.</summary>
    internal void ReadJournal(FixStoreEntry take)
    {
        lock (_gate)
        {
            _store.ReadAll(take);
        }
    }
}
