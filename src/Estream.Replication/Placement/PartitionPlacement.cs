using System.Diagnostics.CodeAnalysis;
using Estream.Crypto;

namespace Estream.Replication;

/// <summary>Which member owns which partition, proven by the tickets of all members. Immutable.</summary>
public sealed class PartitionPlacement
{
    /// <summary>The largest number of members.</summary>
    public const int MaxMembers = 256;

    private PartitionPlacement(PlacementRound round, IReadOnlyList<string> owners) => (Round, Owners) = (round, owners);

    /// <summary>The round.</summary>
    public PlacementRound Round { get; }

    /// <summary>The owner of each partition.</summary>
    public IReadOnlyList<string> Owners { get; }

    /// <summary>Verifies the tickets of all members, and determines the owners. Needs no network and no secret. Takes about a millisecond
    /// for each proof.</summary>
    /// <param name="round">The round.</param>
    /// <param name="keys">The published keys of all members, by name. A member without a ticket would hide its outputs, so each member
    /// needs one: to leave out a member, begin another epoch without its key.</param>
    /// <param name="tickets">The tickets, in any order.</param>
    /// <param name="placement">The placement; null if a ticket is missing or wrong.</param>
    /// <param name="reason">What is missing or wrong; null if nothing is.</param>
    /// <exception cref="ArgumentException">A value of the round is out of range, or there are no members or more than
    /// <see cref="MaxMembers"/>.</exception>
    public static bool TryVerify(
        PlacementRound round, IReadOnlyDictionary<string, EcvrfPublicKey> keys, IReadOnlyList<PlacementTicket> tickets,
        [NotNullWhen(true)] out PartitionPlacement? placement, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(round);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(tickets);
        round.Validate();
        if (keys.Count is < 1 or > MaxMembers)
        {
            throw new ArgumentException($"{keys.Count} members are given; 1 to {MaxMembers} are possible.", nameof(keys));
        }

        placement = null;
        reason = WhyNotComplete(round, keys, tickets);
        if (reason is not null)
        {
            return false;
        }

        string[] owners = new string[round.Partitions];
        byte[][] lowest = new byte[round.Partitions][];
        foreach (PlacementTicket ticket in tickets)
        {
            reason = Count(round, ticket, keys[ticket.Member], owners, lowest);
            if (reason is not null)
            {
                return false;
            }
        }

        placement = new PartitionPlacement(round, owners);
        return true;
    }

    private static string? WhyNotComplete(
        PlacementRound round, IReadOnlyDictionary<string, EcvrfPublicKey> keys, IReadOnlyList<PlacementTicket> tickets)
    {
        HashSet<string> seen = [];
        foreach (PlacementTicket ticket in tickets)
        {
            if (!keys.ContainsKey(ticket.Member))
            {
                return $"'{ticket.Member}' has a ticket and no published key.";
            }

            if (!seen.Add(ticket.Member))
            {
                return $"'{ticket.Member}' has two tickets.";
            }

            if (ticket.Proofs.Count != round.Partitions)
            {
                return $"The ticket of '{ticket.Member}' has {ticket.Proofs.Count} proofs for {round.Partitions} partitions.";
            }
        }

        string? missing = keys.Keys.Order(StringComparer.Ordinal).FirstOrDefault(member => !seen.Contains(member));
        return missing is null ? null : $"'{missing}' has a published key and no ticket.";
    }

    // Outputs of different keys are equal only if two members have the same key. The name decides then.
    private static string? Count(
        PlacementRound round, PlacementTicket ticket, EcvrfPublicKey key, string?[] owners, byte[]?[] lowest)
    {
        for (int partition = 0; partition < round.Partitions; partition++)
        {
            byte[] output = new byte[Ecvrf.OutputBytes];
            if (!key.TryVerify(round.InputOf(partition), ticket.Proofs[partition].Span, output))
            {
                return $"The proof of '{ticket.Member}' for partition {partition} is wrong: it was made for another round or by another "
                    + "key, or was changed.";
            }

            int order = lowest[partition] is { } least ? output.AsSpan().SequenceCompareTo(least) : -1;
            if (order < 0 || (order == 0 && string.CompareOrdinal(ticket.Member, owners[partition]) < 0))
            {
                (lowest[partition], owners[partition]) = (output, ticket.Member);
            }
        }

        return null;
    }
}
