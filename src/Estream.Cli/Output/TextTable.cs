using System.Text;

namespace Estream.Cli.Output;

/// <summary>Writes rows in aligned columns, with a header in upper case, which is bold on a terminal.</summary>
/// <param name="headers">The headers of the columns. A header that begins with '>' aligns its column to the right.</param>
internal sealed class TextTable(params string[] headers)
{
    private readonly List<(string[] Cells, string Note)> _rows = [];

    /// <summary>Adds a row.</summary>
    /// <param name="note">A line below the row; empty for none.</param>
    /// <param name="cells">A text for each column.</param>
    public void Add(string note, params string[] cells) => _rows.Add((cells, note));

    /// <summary>Writes the table; nothing if it has no rows.</summary>
    public void Write(LineWriter lines)
    {
        if (_rows.Count == 0)
        {
            return;
        }

        string[] titles = [.. headers.Select(header => header.TrimStart('>').ToUpperInvariant())];
        int[] widths = [.. titles.Select((title, column) => Math.Max(title.Length, _rows.Max(row => row.Cells[column].Length)))];
        lines.WriteLine(lines.HasColor ? $"\e[1m{Line(titles, widths)}\e[0m" : Line(titles, widths));
        foreach ((string[] cells, string note) in _rows)
        {
            lines.WriteLine(Line(cells, widths));
            if (note.Length > 0)
            {
                lines.WriteLine("    " + note);
            }
        }
    }

    private string Line(string[] cells, int[] widths)
    {
        StringBuilder line = new();
        for (int column = 0; column < cells.Length; column++)
        {
            bool isRight = headers[column].StartsWith('>');
            line.Append(column == 0 ? "" : "  ")
                .Append(isRight ? cells[column].PadLeft(widths[column]) : cells[column].PadRight(widths[column]));
        }

        return line.ToString().TrimEnd();
    }
}
