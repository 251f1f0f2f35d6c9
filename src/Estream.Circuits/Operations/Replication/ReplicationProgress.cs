namespace Estream.Circuits.Operations.Replication;

/// <summary>How far a replica is.</summary>
/// <param name="Messages">Messages taken over in this step; of a map, entries of the snapshot and changes.</param>
/// <param name="Bytes">Bytes of these messages; of a map, of keys and values.</param>
/// <param name="Position">The position in the source, or in the feed of the map's changes, behind what the replica has.</param>
/// <param name="LagMessages">Messages that the source has and the replica has not, counted by their numbers.</param>
/// <param name="LagBytes">Bytes of the log they are in, with all headers and unused ends of segments.</param>
public readonly record struct ReplicationProgress(long Messages, long Bytes, long Position, long LagMessages, long LagBytes);
