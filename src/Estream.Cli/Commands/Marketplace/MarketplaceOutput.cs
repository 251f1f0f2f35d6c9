using System.Text.Json;
using Estream.Cli.Output;
using Estream.Esf.Schema;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>What a command of `estream marketplace` says: lines for people, or one JSON object a line.</summary>
internal sealed class MarketplaceOutput(CliContext context, bool isJson) : IDisposable
{
    private readonly LineWriter _lines = new(context.Output);

    /// <summary>Whether JSON is written.</summary>
    public bool IsJson => isJson;

    /// <summary>Says something.</summary>
    /// <param name="text">For people.</param>
    /// <param name="members">The members of the object.</param>
    public void Say(string text, Action<Utf8JsonWriter> members)
    {
        if (!isJson)
        {
            _lines.WriteLine(text);
            return;
        }

        _lines.WriteObject(members);
    }

    /// <summary>Says something that is for people alone.</summary>
    public void Note(string text)
    {
        if (!isJson)
        {
            _lines.WriteLine(text);
        }
    }

    /// <summary>Says a mistake.</summary>
    public void Say(SchemaDiagnostic error) => Say(error.ToString(), json =>
    {
        json.WriteString("file", error.File);
        json.WriteNumber("line", error.Position.Line);
        json.WriteNumber("column", error.Position.Column);
        json.WriteString("code", error.Code);
        json.WriteString("message", error.Message);
    });

    /// <summary>Hands on what was said.</summary>
    public void Flush() => _lines.Flush();

    public void Dispose() => _lines.Dispose();
}
