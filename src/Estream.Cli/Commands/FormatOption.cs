using System.CommandLine;

namespace Estream.Cli.Commands;

/// <summary>The options for the format of printed rows: <c>--format</c>, and <c>--json</c> for short.</summary>
internal sealed class FormatOption
{
    private const string Text = "text";
    private const string Json = "json";

    private readonly Option<bool> _json = new("--json") { Description = "Short for --format json." };

    private readonly Option<string?> _format = new("--format")
    {
        Description = "text: for people. json: one JSON object per line. Default: text.",
        HelpName = "text|json",
    };

    /// <param name="command">The command that gets the options.</param>
    public FormatOption(Command command)
    {
        _format.AcceptOnlyFromAmong(Text, Json);
        command.Options.Add(_format);
        command.Options.Add(_json);
    }

    /// <summary>Whether rows are printed as JSON.</summary>
    /// <exception cref="CliException">The options contradict each other.</exception>
    public bool IsJson(ParseResult parsed) => (parsed.GetValue(_format), parsed.GetValue(_json)) switch
    {
        (Text, true) => throw new CliException("--format text and --json cannot be used together. Give one of them."),
        var (format, isJson) => isJson || format == Json,
    };
}
