using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class BannedCallsTests
{
    [Theory]
    [InlineData("tests/A.cs", "Thread.Sleep(500);", "pause of 500 ms")]
    [InlineData("tests/A.cs", "await Task.Delay(TimeSpan.FromSeconds(2));", "pause of 2000 ms")]
    [InlineData("tests/A.cs", "await Task.Delay(TimeSpan.FromMinutes(0.5), token);", "pause of 30000 ms")]
    [InlineData("tests/A.cs", "Assert.True(true);", "asserts a constant")]
    [InlineData("src/Estream.Queue/A.cs", "var t = DateTime.UtcNow;", "IClock")]
    [InlineData("src/Estream.Queue/A.cs", "var t = Stopwatch.GetTimestamp();", "IClock")]
    [InlineData("src/Estream.Queue/A.cs", "Thread.Sleep(1);", "in product code")]
    [InlineData("src/Estream.Queue/A.cs", "\n#pragma warning disable CA1000\n", "without a // reason")]
    public void A_banned_call_is_a_violation(string path, string statement, string message)
    {
        Example.AssertOne(BannedCalls.Check(Example.Of((path, $"class A {{ async Task M() {{ {statement} }} }}"))), path, message);
    }

    [Fact]
    public void A_skipped_test_is_a_violation()
    {
        const string code = "class A { [Fact(Skip = \"flaky\")] void M() { } }";
        Example.AssertOne(BannedCalls.Check(Example.Of(("tests/A.cs", code))), "tests/A.cs", "a skipped test");
    }

    [Theory]
    [InlineData("tests/A.cs", "Thread.Sleep(5);")]
    [InlineData("tests/A.cs", "Thread.Sleep(interval);")]
    [InlineData("tests/A.cs", "Assert.True(x);")]
    [InlineData("src/Estream.Core/Clocks/SystemClock.cs", "var t = Stopwatch.GetTimestamp();")]
    [InlineData("src/Estream.Queue/A.cs", "\n#pragma warning disable CA1000 // because\n")]
    public void A_harmless_similar_call_is_not_a_violation(string path, string statement)
    {
        Assert.Empty(BannedCalls.Check(Example.Of((path, $"class A {{ void M() {{ {statement} }} }}"))));
    }
}
