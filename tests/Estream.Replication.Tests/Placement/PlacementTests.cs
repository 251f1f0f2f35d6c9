using Estream.Crypto;

namespace Estream.Replication.Tests.Placement;

/// <summary>Tests who owns which partition: no member can choose it, and every wrong ticket is refused.</summary>
public sealed class PlacementTests : IDisposable
{
    private static readonly PlacementRound s_round = new("orders", 7, 16, new byte[] { 1, 2, 3 });

    private readonly Dictionary<string, EcvrfPrivateKey> _members = Enumerable.Range(0, 3)
        .ToDictionary(i => $"host-{i}", i => EcvrfPrivateKey.ImportSeed([.. Enumerable.Repeat((byte)i, Ecvrf.SeedBytes)]));

    private Dictionary<string, EcvrfPublicKey> Keys => _members.ToDictionary(member => member.Key, member => member.Value.PublicKey);

    public void Dispose()
    {
        foreach (EcvrfPrivateKey key in _members.Values)
        {
            key.Dispose();
        }
    }

    [Fact]
    public void Create_refuses_a_key_of_another_suite()
    {
        using EcvrfPrivateKey key = EcvrfPrivateKey.Generate(EcvrfSuite.Elligator2);
        Assert.Equal("key", Assert.Throws<ArgumentException>(() => PlacementTicket.Create(s_round, "host-0", key)).ParamName);
    }

    [Fact]
    public void The_member_with_the_lowest_output_owns_a_partition_in_whatever_order_the_tickets_come()
    {
        PlacementTicket[] tickets = Tickets(s_round);
        Assert.True(PartitionPlacement.TryVerify(s_round, Keys, tickets, out PartitionPlacement? placement, out _));
        byte[] proof = new byte[Ecvrf.ProofBytes];
        for (int partition = 0; partition < s_round.Partitions; partition++)
        {
            string lowest = _members.MinBy(
                member =>
                {
                    byte[] output = new byte[Ecvrf.OutputBytes];
                    member.Value.Prove(s_round.InputOf(partition), proof, output);
                    return Convert.ToHexString(output);
                },
                StringComparer.Ordinal).Key;
            Assert.Equal(lowest, placement.Owners[partition]);
        }

        Assert.True(placement.Owners.Distinct().Count() > 1);
        Assert.True(PartitionPlacement.TryVerify(s_round, Keys, [.. tickets.Reverse()], out PartitionPlacement? again, out _));
        Assert.Equal(placement.Owners, again.Owners);
    }

    [Fact]
    public void Another_epoch_seed_or_queue_gives_another_placement()
    {
        IReadOnlyList<string> owners = OwnersOf(s_round);
        Assert.NotEqual(owners, OwnersOf(s_round with { Epoch = 8 }));
        Assert.NotEqual(owners, OwnersOf(s_round with { Seed = new byte[] { 1, 2, 4 } }));
        Assert.NotEqual(owners, OwnersOf(s_round with { Queue = "order" }));
    }

    [Fact]
    public void A_wrong_ticket_is_refused_with_its_member_and_partition()
    {
        PlacementTicket[] tickets = Tickets(s_round);
        for (int partition = 0; partition < s_round.Partitions; partition++)
        {
            ReadOnlyMemory<byte>[] proofs = [.. tickets[1].Proofs];
            byte[] changed = proofs[partition].ToArray();
            changed[partition] ^= 1;
            proofs[partition] = changed;
            AssertRefused($"'host-1' for partition {partition} is wrong", tickets[0], tickets[1] with { Proofs = proofs }, tickets[2]);
        }

        // Proofs in another order, of another epoch, and of another member.
        AssertRefused("'host-1' for partition 0 is wrong", tickets[0], tickets[1] with { Proofs = [.. tickets[1].Proofs.Reverse()] },
            tickets[2]);
        AssertRefused("'host-1' for partition 0 is wrong", tickets[0], Tickets(s_round with { Epoch = 6 })[1], tickets[2]);
        AssertRefused("'host-1' for partition 0 is wrong", tickets[0], tickets[2] with { Member = "host-1" }, tickets[2]);
    }

    [Fact]
    public void A_missing_or_surplus_ticket_is_refused()
    {
        PlacementTicket[] tickets = Tickets(s_round);
        AssertRefused("'host-2' has a published key and no ticket", tickets[0], tickets[1]);
        AssertRefused("'host-0' has two tickets", tickets[0], tickets[0], tickets[1], tickets[2]);
        AssertRefused("'stranger' has a ticket and no published key", tickets[0] with { Member = "stranger" }, tickets[1], tickets[2]);
        AssertRefused("has 15 proofs for 16 partitions", tickets[0] with { Proofs = [.. tickets[0].Proofs.Skip(1)] }, tickets[1],
            tickets[2]);
    }

    [Fact]
    public void Inputs_differ_for_all_values_of_a_round_and_values_out_of_range_are_refused()
    {
        PlacementRound[] rounds =
        [
            s_round, s_round with { Epoch = 8 }, s_round with { Partitions = 17 }, s_round with { Queue = "order" },
            s_round with { Seed = default }, s_round with { Queue = "orders\u0003\u0001\u0002\u0003", Seed = default },
        ];
        HashSet<string> inputs =
            [.. rounds.SelectMany(round => Enumerable.Range(0, 16).Select(partition => Convert.ToHexString(round.InputOf(partition))))];
        Assert.Equal(16 * rounds.Length, inputs.Count);

        // Part of the format.
        Assert.Equal(
            "657374726561" + "6d20706c6163656d656e742031" + "06" + "6f7264657273" + "03" + "010203" + "0700000000000000" + "10000000"
                + "02000000",
            Convert.ToHexStringLower(s_round.InputOf(2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => s_round.InputOf(16));
        foreach (PlacementRound wrong in new[]
            {
                s_round with { Epoch = 0 }, s_round with { Partitions = 0 }, s_round with { Partitions = 1025 },
                s_round with { Queue = "" },
                s_round with { Queue = new string('a', 256) }, s_round with { Seed = new byte[65] },
            })
        {
            Assert.Throws<ArgumentException>(wrong.Validate);
        }
    }

    private PlacementTicket[] Tickets(PlacementRound round) =>
        [.. _members.Select(member => PlacementTicket.Create(round, member.Key, member.Value))];

    private IReadOnlyList<string> OwnersOf(PlacementRound round)
    {
        bool isProven = PartitionPlacement.TryVerify(
            round, Keys, Tickets(round), out PartitionPlacement? placement, out string? reason);
        Assert.True(isProven, reason);
        return placement!.Owners;
    }

    private void AssertRefused(string expected, params PlacementTicket[] tickets)
    {
        Assert.False(PartitionPlacement.TryVerify(s_round, Keys, tickets, out PartitionPlacement? placement, out string? reason));
        Assert.Null(placement);
        Assert.Contains(expected, reason, StringComparison.Ordinal);
    }
}
