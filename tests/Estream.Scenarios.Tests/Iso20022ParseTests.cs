using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

/// <summary>Tests that both rows of `iso20022-parse` read the same values from a message, and that the target for allocated bytes is less
/// than a tenth of the peer's allocations.</summary>
public sealed class Iso20022ParseTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Product_and_XmlSerializer_read_the_same_values(int transactions)
    {
        using TempDirectory directory = new();
        ContenderContext context = new(directory.Path, RunSize.Tiny);
        using Iso20022ParseContender ours = new(context, transactions);
        using XmlSerializerContender peer = new(context, transactions);

        RunResult expected = peer.Run();
        Assert.NotEqual(0UL, expected.Check);
        Assert.Equal((expected.Operations, expected.Check), (ours.Run().Operations, ours.Run().Check));
    }

    [Fact]
    public void The_byte_target_is_less_than_a_tenth_of_the_peers_allocations()
    {
        using TempDirectory directory = new();
        using XmlSerializerContender peer = new(new ContenderContext(directory.Path, RunSize.Tiny), 1);
        peer.Run();

        RunResult round = peer.Run();

        Assert.InRange(round.AllocatedBytes!.Value / round.Operations, 10 * 1_024, long.MaxValue);
    }
}
