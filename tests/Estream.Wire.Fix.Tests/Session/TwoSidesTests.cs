using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>The guarantee of the protocol: connections end at any moment, and every message arrives once and in order.</summary>
public class TwoSidesTests
{
    private const int Steps = 150;

    [Theory]
    [InlineData(1, false)]
    [InlineData(20260707, false)]
    [InlineData(1, true)]
    [InlineData(20260707, true)]
    public void Lost_messages_arrive_once_and_in_order(int seed, bool saysWhatIsExpected)
    {
        int rounds = LongRun.Count(200, 20_000);
        for (int round = 0; round < rounds; round++)
        {
            TwoSides sides = Play(new Random(seed + round), saysWhatIsExpected);

            Assert.True(sides.IsSettled, $"seed {seed + round}: the two sides did not settle");
            Assert.True(sides.Initiator.Sent.SequenceEqual(sides.Acceptor.Application.Orders),
                Difference(seed + round, sides.Initiator, sides.Acceptor));
            Assert.True(sides.Acceptor.Sent.SequenceEqual(sides.Initiator.Application.Orders),
                Difference(seed + round, sides.Acceptor, sides.Initiator));
        }
    }

    private static TwoSides Play(Random random, bool saysWhatIsExpected)
    {
        TwoSides sides = new(saysWhatIsExpected);
        sides.Connect();
        for (int step = 0; step < Steps; step++)
        {
            switch (random.Next(12))
            {
                case < 4:
                    sides.Initiator.TrySend();
                    break;
                case < 6:
                    sides.Acceptor.TrySend();
                    break;
                case < 9:
                    sides.Deliver(random.Next(4));
                    break;
                case 9:
                    sides.Pass(random.Next(12));
                    break;
                case 10 when random.Next(3) == 0:
                    sides.Cut();
                    break;
                default:
                    if (!sides.Initiator.Session.IsOpen || !sides.Acceptor.Session.IsOpen)
                    {
                        sides.Connect();
                    }

                    break;
            }
        }

        sides.Settle();
        return sides;
    }

    private static string Difference(int seed, TwoSides.Side from, TwoSides.Side to)
    {
        return $"seed {seed}: sent {string.Join(' ', from.Sent)}, received {string.Join(' ', to.Application.Orders)}";
    }
}
