using FsCheck;
using FsCheck.Fluent;

namespace Estream.Testing.Tests;

/// <summary>Properties run the number of cases their attribute sets, and a failure names the command that replays it.</summary>
public sealed class PropertyTests
{
    private static int s_cases;

    [Fact]
    public void A_failure_message_ends_with_the_command_that_replays_the_case()
    {
        const string Message =
            "Falsifiable, after 7 tests (0 shrinks) (11,13)\nLast step was invoked with size of 8 and seed of (17,19):\nOriginal: [1]";
        string replayed = ReplayablePropertyTestCase.WithReplay(Message, "Acme.DoorTests", "A_door_opens");
        Assert.Equal(
            Message + Environment.NewLine
                + "Replay: ESTREAM_TEST_REPLAY='(17,19,8)' dotnet test -c Release --filter FullyQualifiedName=Acme.DoorTests.A_door_opens",
            replayed);
    }

    [Fact]
    public void A_message_without_a_seed_stays_as_it_is() =>
        Assert.Equal("no seed", ReplayablePropertyTestCase.WithReplay("no seed", "C", "m"));

    [Fact]
    public void A_long_run_uses_the_long_counts_and_any_other_run_the_everyday_ones()
    {
        PropertyAttribute attribute = new(10, 200) { EndSize = 30, LongEndSize = 60 };
        PropertyAttribute reversed = new(10, 200) { LongEndSize = 60, EndSize = 30 };
        Assert.Equal(LongRun.IsOn ? (200, 60, 60) : (10, 30, 30), (attribute.MaxTest, attribute.EndSize, reversed.EndSize));
        Assert.Equal(10, new PropertyAttribute(10).MaxTest);
    }

    [Fact]
    public void FsCheck_prints_the_seed_that_the_replay_command_names()
    {
        Exception failure =
            Assert.ThrowsAny<Exception>(() => Prop.ForAll<int[]>(numbers => numbers.Length < 5).Check(Config.QuickThrowOnFailure));
        Assert.Contains("\nReplay: ESTREAM_TEST_REPLAY='(", ReplayablePropertyTestCase.WithReplay(failure.Message, "C", "m"),
            StringComparison.Ordinal);
    }

    [Property(25, Arbitrary = [typeof(Numbers)])]
    public void Arguments_come_from_the_named_arbitraries(int number)
    {
        s_cases++;
        Assert.InRange(number, 100, 200);
        Assert.InRange(s_cases, 1, 25);
    }

    /// <summary>Numbers that the default generator of integers seldom produces.</summary>
    public static class Numbers
    {
        public static Arbitrary<int> Any() => Gen.Choose(100, 200).ToArbitrary();
    }
}
