using Estream.Circuits.Metering;

namespace Estream.Circuits.Tests;

public sealed class RateBudgetTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void A_rate_budget_delays_by_the_overused_time()
    {
        RateBudget budget = new(1_000);
        Assert.Equal(0, budget.Use(50, 0));
        Assert.Equal(950_000_000, budget.Use(950, 0));
        Assert.Equal(0, budget.Use(0, Second));
    }

    [Fact]
    public void An_idle_rate_budget_does_not_accumulate()
    {
        RateBudget budget = new(1_000);
        Assert.Equal(950_000_000, budget.Use(1_000, 0));
        Assert.Equal(950_000_000, budget.Use(1_000, 1_000 * Second));
    }

    [Fact]
    public void A_rate_budget_holds_the_average_to_the_rate()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            Random random = new(seed);
            long rate = random.NextInt64(1, 10_000_000);
            RateBudget budget = new(rate);
            long now = random.NextInt64(long.MaxValue / 2);
            long begin = now;
            Int128 used = 0;
            for (int i = 0; i < 1_000; i++)
            {
                long amount = random.NextInt64(rate);
                used += amount;
                now += budget.Use(amount, now) + (random.Next(4) == 0 ? random.NextInt64(Second / 10) : 0);
            }

            // Apart from the burst, the usage does not exceed the rate.
            Assert.True(used * Second <= ((Int128)(now - begin) + (Second / 10)) * rate, $"seed {seed}");
        }
    }

    [Fact]
    public void A_rate_budget_saturates_at_the_maximum_delay()
    {
        RateBudget budget = new(1);
        Assert.True(budget.Use(long.MaxValue, 5) > 100 * 365L * 24 * 3_600 * Second);
        Assert.True(budget.Use(long.MaxValue, 6) > 0);
    }
}
