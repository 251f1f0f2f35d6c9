using Estream.Esf.Schema;
using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class SchemaLocksTests
{
    private const string Doors = "version: \"1.0\"\nnamespace: a.b\nschemas:\n  Door:\n    fields:\n      x: { type: u8 }\n";
    private const string Grown = Doors + "      y: { type: u8, optional: true }\n";
    private const string Broken = Doors + "      y: { type: u8 }\n";

    [Fact]
    public void A_schema_file_without_a_lock_is_a_violation_except_in_tests()
    {
        var repository = Example.Of(("src/doors.esf.yaml", Doors), ("tests/doors.esf.yaml", Doors));
        Example.AssertOne(SchemaLocks.Check(repository), "src/doors.esf.yaml", "has no lock");
    }

    [Fact]
    public void A_lock_without_a_schema_file_is_a_violation()
    {
        Example.AssertOne(SchemaLocks.Check(Example.Of(("src/doors.esf.lock", LockOf(Doors)))), "src/doors.esf.lock",
            "there is no schema file");
    }

    [Fact]
    public void An_outdated_lock_is_a_violation()
    {
        var repository = Example.Of(("src/doors.esf.yaml", Grown), ("src/doors.esf.lock", LockOf(Doors)));
        Example.AssertOne(SchemaLocks.Check(repository), "src/doors.esf.yaml", "a.b.Door differs from its published version");
    }

    [Fact]
    public void A_breaking_change_and_a_damaged_lock_are_violations()
    {
        Example.AssertOne(SchemaLocks.Check(Example.Of(("src/doors.esf.yaml", Broken), ("src/doors.esf.lock", LockOf(Doors)))),
            "src/doors.esf.yaml", "new and required");
        Example.AssertOne(SchemaLocks.Check(Example.Of(("src/doors.esf.yaml", Doors), ("src/doors.esf.lock", LockOf(Doors) + "x"))),
            "src/doors.esf.lock", "middle of a line");
        Example.AssertOne(SchemaLocks.Check(Example.Of(("src/doors.esf.yaml", "x"), ("src/doors.esf.lock", LockOf(Doors)))),
            "src/doors.esf.yaml", "has errors");
    }

    [Fact]
    public void A_current_lock_is_accepted()
    {
        Assert.Empty(SchemaLocks.Check(Example.Of(("src/doors.esf.yaml", Grown), ("src/doors.esf.lock", LockOf(Doors, Grown)))));
    }

    private static string LockOf(params string[] versions) =>
        versions.Aggregate(SchemaLock.Empty, (published, yaml) => published.Publish(SchemaReader.Read(yaml, "x").Document!)).ToString();
}
