using Estream.Testing;

namespace Estream.Wire.Mqtt.Tests.Statements;

/// <summary>One numbered statement of the standard and its status in this product.</summary>
internal sealed record Statement(string Number, string Role, string Status, string Note, string Demand);

/// <summary>Reads statements.txt line by line.</summary>
internal static class StatementList
{
    private const int Columns = 5;

    public static IReadOnlyList<Statement> Read()
    {
        string file = RepositoryRoot.Combine("tests", "Estream.Wire.Mqtt.Tests", "Statements", "statements.txt");
        return [.. File.ReadLines(file).Where(line => line.Length > 0 && line[0] != '#').Select(Parse)];
    }

    private static Statement Parse(string line)
    {
        string[] cells = line.Split(" | ");
        Assert.True(cells.Length == Columns, line);
        return new Statement(cells[0], cells[1], cells[2], cells[3], cells[4]);
    }
}
