using Estream.Esf.Schema;

namespace Estream.Esf.Tests;

/// <summary>The content of a lock: the versions of the schemas of one file, in the order of publication.</summary>
public sealed class SchemaLockTests
{
    private const string Doors = """
        version: "1.0"
        namespace: acme.doors
        schemas:
          DoorOpened: { fields: { door_id: { type: u32 } } }
          DoorClosed: { fields: { door_id: { type: u32 } } }
        """;

    [Fact]
    public void PathFor_returns_null_for_a_file_that_is_not_a_schema_file()
    {
        Assert.Null(SchemaLock.PathFor("doors.yaml"));
        Assert.Equal("a/doors.esf.lock", SchemaLock.PathFor("a/doors.esf.yaml"));
    }

    [Fact]
    public void Publish_throws_for_an_incompatible_file()
    {
        SchemaLock published = SchemaLock.Empty.Publish(Read(Doors));
        ArgumentException e =
            Assert.Throws<ArgumentException>(() => published.Publish(Read(Doors.Replace("door_id", "gate_id", StringComparison.Ordinal))));
        Assert.Contains("DoorOpened.door_id", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_throws_for_a_schema_that_was_not_published()
    {
        Assert.Throws<ArgumentException>(() => SchemaLock.Empty.Without("acme.doors.DoorOpened"));
    }

    [Fact]
    public void Check_reports_a_removed_schema_until_it_leaves_the_lock()
    {
        SchemaDocument less = Read(Doors[..Doors.IndexOf("  DoorClosed", StringComparison.Ordinal)]);
        SchemaLock published = SchemaLock.Empty.Publish(Read(Doors));
        Assert.Equal(DiagnosticCodes.SchemaGone, Assert.Single(published.Check(less, "doors")).Code);
        SchemaLock given = published.Without("acme.doors.DoorClosed");
        Assert.Empty(given.Check(less, "doors"));
        Assert.Equal(["acme.doors.DoorOpened"], given.Schemas.Select(schema => schema.QualifiedName));
    }

    [Fact]
    public void Publish_adds_versions_of_changed_schemas_only()
    {
        SchemaDocument grown = Read(
            Doors.Replace("Opened: { fields: { door_id: { type: u32 }",
                "Opened: { fields: { door_id: { type: u32 }, at: { type: timestamp, optional: true }", StringComparison.Ordinal));
        SchemaLock first = SchemaLock.Empty.Publish(Read(Doors));
        Assert.Equal(first.ToString(), first.Publish(Read(Doors)).ToString());
        Assert.Equal(["acme.doors.DoorOpened"], first.Unpublished(grown).Select(schema => schema.QualifiedName));
        string[] lines = first.Publish(grown).ToString().Split('\n');
        string[] names = [.. lines[1..^1].Select(line => line[17..line.IndexOf('{', StringComparison.Ordinal)])];
        Assert.Equal(["esf1 acme.doors.DoorOpened", "esf1 acme.doors.DoorOpened", "esf1 acme.doors.DoorClosed"], names);
        Assert.EndsWith("{door_id:u32,at?:timestamp}", lines[2], StringComparison.Ordinal);
    }

    private static SchemaDocument Read(string yaml)
    {
        SchemaReadResult result = SchemaReader.Read(yaml, "x");
        Assert.Empty(result.Diagnostics);
        return result.Document!;
    }
}
