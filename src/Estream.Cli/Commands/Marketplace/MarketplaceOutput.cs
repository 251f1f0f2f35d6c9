using System.Text.Json;
using Estream.Cli.Output;
using Estream.Esf.Schema;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>The output of a command of `estream marketplace`: lines of text, or one JSON object per line.</summary>
internal sealed class MarketplaceOutput(CliContext context, bool isJson) : IDisposable
{
    private readonly LineWriter _lines = new(context.Output);

    /// <summary>Whether the output is JSON.</summary>
    public bool IsJson => isJson;

    /// <summary>Writes a line of text or a JSON object.</summary>
    /// <param name="text">The line of text.</param>
    /// <param name="members">Writes the members of the JSON object.</param>
    public void Say(string text, Action<Utf8JsonWriter> members)
    {
        if (!isJson)
        {
            _lines.WriteLine(text);
            return;
        }

        _lines.WriteObject(members);
    }

    /// <summary>Writes a line that is omitted from JSON output.</summary>
    public void Note(string text)
    {
        if (!isJson)
        {
            _lines.WriteLine(text);
        }
    }

    /// <summary>Writes an error.</summary>
    public void Say(SchemaDiagnostic error) => Say(error.ToString(), json =>
    {
        json.WriteString("file", error.File);
        json.WriteNumber("line", error.Position.Line);
        json.WriteNumber("column", error.Position.Column);
        json.WriteString("code", error.Code);
        json.WriteString("message", error.Message);
    });

    /// <summary>Flushes buffered output.</summary>
    public void Flush() => _lines.Flush();

    public void Dispose() => _lines.Dispose();
}
