using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class PublicTypeNamesTests
{
    private const string First = "namespace Estream.Map; public sealed class Snapshot { public enum Kind { } }";

    [Theory]
    [InlineData("namespace Estream.Queue; public sealed class Snapshot;")]
    [InlineData("namespace Estream.Queue; public readonly record struct Snapshot(int Count);")]
    [InlineData("namespace Estream.Queue; public enum Snapshot { None }")]
    [InlineData("namespace Estream.Queue; public interface Snapshot;")]
    [InlineData("namespace Estream.Queue; public delegate void Snapshot();")]
    [InlineData("namespace Estream.Queue { public sealed class Snapshot; }")]
    public void Two_public_types_with_the_same_name_are_a_violation(string second)
    {
        Example.AssertOne(
            PublicTypeNames.Check(Example.Of(("src/Estream.Map/Snapshot.cs", First), ("src/Estream.Queue/Snapshot.cs", second))),
            "src/Estream.Queue/Snapshot.cs", "one in Estream.Map (src/Estream.Map/Snapshot.cs)");
    }

    [Theory]
    [InlineData("src/Estream.Queue/Snapshot.cs", "namespace Estream.Queue; internal sealed class Snapshot;")]
    [InlineData("src/Estream.Queue/Snapshot.cs", "namespace Estream.Queue; public sealed class Snapshot<T>;")]
    [InlineData("src/Estream.Queue/Tailer.cs", "namespace Estream.Queue; public sealed class Tailer { public sealed class Snapshot; }")]
    [InlineData("src/Estream.Map/Snapshot.Reading.cs", "namespace Estream.Map; public sealed partial class Snapshot;")]
    [InlineData("tests/Estream.Queue.Tests/Snapshot.cs", "namespace Estream.Queue.Tests; public sealed class Snapshot;")]
    [InlineData("src/Estream.Cli/Templates/adapter/Snapshot.cs", "namespace Mine; public sealed class Snapshot;")]
    public void Internal_nested_partial_and_generic_types_and_other_areas_are_not_violations(string path, string second)
    {
        Assert.Empty(PublicTypeNames.Check(Example.Of(("src/Estream.Map/Snapshot.cs", First), (path, second))));
    }

    [Fact]
    public void Nested_types_with_the_same_name_are_not_violations()
    {
        Assert.Empty(PublicTypeNames.Check(Example.Of(
            ("src/Estream.Map/Snapshot.cs", First),
            ("src/Estream.Queue/Tailer.cs", "namespace Estream.Queue; public sealed class Tailer { public enum Kind { } }"))));
    }
}
