using Estream.Circuits.Operations.Replication;

namespace Estream.Replication.Internal;

/// <summary>The errors of entries.</summary>
internal static class EntryErrors
{
    public static EstreamReplicationException Of(EntryFault fault, string directory, long offset)
    {
        string what = fault switch
        {
            EntryFault.Damaged => "is damaged: its checksum or authentication tag does not match. Check the replication key and "
                + "the brokers",
            EntryFault.Foreign => "belongs to another cluster or another queue of that name. Use another cluster name or delete the stream",
            EntryFault.Key => "is encrypted and no key is set, or the opposite. Set the same replication key on all machines",
            _ => "is not an entry of this version of the protocol. Read it with the release that wrote it",
        };
        return new EstreamReplicationException(
            $"The entry at offset {offset} of the stream of '{directory}' {what}.", directory, ReplicationFault.Refused);
    }
}
