namespace Estream.Testing.Tests;

public sealed class KillRoundsTests
{
    [Fact]
    public void Kill_rounds_end_at_the_wanted_number_when_half_interrupt_the_work()
    {
        Assert.Equal(4, Count(new KillRounds(4), kill => kill % 2 == 1));
        Assert.Equal(5, Count(new KillRounds(5), kill => kill < 3));
        Assert.Equal(3, Count(new KillRounds(3, 1), kill => kill == 0));
    }

    [Fact]
    public void Kill_rounds_continue_until_enough_kills_interrupt_the_work()
    {
        Assert.Equal(11, Count(new KillRounds(4), kill => kill >= 9));
        Assert.Equal(7, Count(new KillRounds(3, 1), kill => kill == 6));
    }

    [Fact]
    public void Kill_rounds_throw_when_no_kill_interrupts_the_work()
    {
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => Count(new KillRounds(4), kill => kill == 1));
        Assert.Contains("Only 1 of 32 kills interrupted the work; 2 are required.", e.Message, StringComparison.Ordinal);
    }

    private static int Count(KillRounds rounds, Func<int, bool> isAtWork)
    {
        int kill = 0;
        for (; !rounds.AreOver; kill++)
        {
            rounds.Add(isAtWork(kill));
        }

        return kill;
    }
}
