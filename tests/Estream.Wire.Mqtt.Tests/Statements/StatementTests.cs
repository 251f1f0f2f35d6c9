using System.Reflection;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Estream.Wire.Mqtt.Tests.Statements;

/// <summary>
/// Compares the list of statements with the tests. A test covers a statement if its name begins with the number (MQTT_3_14_4_1_…), if it
/// has a Trait with that number, or if a row of its theory cites the number ([MQTT-3.14.4-1]).
/// </summary>
public sealed partial class StatementTests(ITestOutputHelper output)
{
    private static readonly string[] s_statuses = ["tested", "untested", "gap", "missing", "n/a"];

    // Appendix B of the standard, counted chapter by chapter.
    [Theory]
    [InlineData("1", 5)]
    [InlineData("2", 7)]
    [InlineData("3", 175)]
    [InlineData("4", 60)]
    [InlineData("6", 4)]
    public void Each_statement_of_the_standard_is_listed_once(string chapter, int count)
    {
        string[] numbers = [.. StatementList.Read().Select(statement => statement.Number)];

        Assert.All(numbers, number => Assert.Matches(Cited(), $"[{number}]"));
        Assert.Equal(numbers.Length, numbers.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(count, numbers.Count(number => number.StartsWith($"MQTT-{chapter}.", StringComparison.Ordinal)));
        Assert.Equal(251, numbers.Length);
    }

    [Fact]
    public void Each_statement_has_a_role_and_a_status()
    {
        foreach (Statement statement in StatementList.Read())
        {
            Assert.True(statement.Role is "C" or "S" or "B", statement.ToString());
            bool isStatus = s_statuses.Contains(statement.Status);
            Assert.True(isStatus, statement.ToString());
            Assert.True(statement.Status is not ("missing" or "gap") || WorkItem().IsMatch(statement.Note), $"no work item: {statement}");
            Assert.True(statement.Status != "n/a" || statement.Note.Length > 1, $"no reason: {statement}");
            Assert.True(statement.Demand.Length > 0, statement.ToString());
        }
    }

    [Fact]
    public void Each_statement_marked_tested_has_a_test()
    {
        HashSet<string> shown = Shown();
        IReadOnlyList<Statement> statements = StatementList.Read();

        string[] without = [.. statements.Where(statement => statement.Status == "tested" && !shown.Contains(statement.Number))
            .Select(statement => statement.Number)];
        Assert.Empty(without);
        output.WriteLine(
            string.Join(", ", s_statuses.Select(status => $"{status} {statements.Count(statement => statement.Status == status)}")));
    }

    [Fact]
    public void Each_statement_with_a_test_is_marked_tested()
    {
        // A gap may have a test of the part that exists.
        HashSet<string> marked =
            [.. StatementList.Read().Where(statement => statement.Status is "tested" or "gap").Select(statement => statement.Number)];

        string[] unmarked = [.. Shown().Except(marked)];
        Assert.Empty(unmarked);
    }

    private static HashSet<string> Shown()
    {
        HashSet<string> numbers = new(StringComparer.Ordinal);
        foreach (MethodInfo test in typeof(StatementTests).Assembly.GetTypes().SelectMany(type => type.GetMethods()).Where(IsTest))
        {
            numbers.UnionWith(InName(test));
            numbers.UnionWith(InTraits(test));
            numbers.UnionWith(InRows(test));
        }

        return numbers;
    }

    private static bool IsTest(MethodInfo method)
    {
        return method.IsDefined(typeof(FactAttribute), inherit: true);
    }

    private static IEnumerable<string> InName(MethodInfo test)
    {
        return Named().Matches(test.Name)
            .Select(name => $"MQTT-{name.Groups[1].Value}.{name.Groups[2].Value}.{name.Groups[3].Value}-{name.Groups[4].Value}");
    }

    private static IEnumerable<string> InTraits(MethodInfo test)
    {
        return test.GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(TraitAttribute) && attribute.ConstructorArguments[0].Value is "Statement")
            .Select(attribute => (string)attribute.ConstructorArguments[1].Value!);
    }

    /// <summary>Returns the numbers that the rows of a theory cite.</summary>
    private static IEnumerable<string> InRows(MethodInfo test)
    {
        return test.GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(MemberDataAttribute))
            .Select(attribute => test.DeclaringType!.GetProperty((string)attribute.ConstructorArguments[0].Value!)?.GetValue(null))
            .OfType<IEnumerable<object[]>>()
            .SelectMany(rows => rows)
            .SelectMany(row => row.OfType<string>())
            .SelectMany(text => Cited().Matches(text))
            .Select(cited => cited.Groups[1].Value);
    }

    [GeneratedRegex(@"\[(MQTT-\d+\.\d+\.\d+-\d+)\]", RegexOptions.CultureInvariant)]
    private static partial Regex Cited();

    [GeneratedRegex(@"^MQTT_(\d+)_(\d+)_(\d+)_(\d+)_", RegexOptions.CultureInvariant)]
    private static partial Regex Named();

    [GeneratedRegex(@"\bW\d+\b", RegexOptions.CultureInvariant)]
    private static partial Regex WorkItem();
}
