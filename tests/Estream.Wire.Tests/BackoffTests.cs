namespace Estream.Wire.Tests;

public class BackoffTests
{
    [Fact]
    public void Waits_double_up_to_the_maximum_with_full_jitter()
    {
        // The largest number that a random source can return shows the upper bound of each wait.
        Backoff backoff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), new Fixed(0.999));

        Assert.Equal([99.9, 199.8, 399.6, 799.2, 999, 999], Enumerable.Range(0, 6).Select(_ => backoff.Next().TotalMilliseconds), Near);

        backoff.Reset();
        Assert.Equal(99.9, backoff.Next().TotalMilliseconds, 3);
        Assert.Equal(TimeSpan.Zero, new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), new Fixed(0)).Next());
    }

    [Fact]
    public void Backoff_does_not_overflow()
    {
        Backoff backoff = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), new Fixed(0.5));
        for (int attempt = 0; attempt < 10_000; attempt++)
        {
            Assert.InRange(backoff.Next(), TimeSpan.Zero, TimeSpan.FromHours(1));
        }
    }

    private static bool Near(double expected, double actual)
    {
        return Math.Abs(expected - actual) < 0.001;
    }

    private sealed class Fixed(double value) : Random
    {
        public override double NextDouble()
        {
            return value;
        }
    }
}
