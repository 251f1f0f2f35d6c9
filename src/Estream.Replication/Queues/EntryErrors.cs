namespace Estream.Replication.Internal;

/// <summary>The errors of entries.</summary>
internal static class EntryErrors
{
    public static string TextOf(EntryFault fault, string directory, long offset)
    {
        string what = fault switch
        {
            EntryFault.Damaged => "is damaged or forged: its checksum or authentication tag does not match. Check who may write to "
                + "the brokers",
            EntryFault.Foreign => "belongs to another cluster or another queue of that name. Use another cluster name or delete the stream",
            EntryFault.Key => "is encrypted with another key, or only one of its owner and this host has a key. Set the same replication "
                + "keys on all machines",
            _ => "is not an entry of this version of the protocol. Check who may write to the brokers",
        };
        return $"The entry at offset {offset} of the stream of '{directory}' was skipped. It {what}.";
    }
}
