using System.CommandLine;
using Estream.Client;
using Estream.Core;

namespace Estream.Cli.Commands.Remote;

/// <summary>The options that name a host: <c>--host</c> and <c>--token-file</c>.</summary>
internal sealed class RemoteOptions
{
    public const string TokenVariable = "ESTREAM_TOKEN";
    private const int MaxTokenBytes = 4096;

    private readonly Option<string?> _host;
    private readonly Option<string?> _tokenFile;

    /// <param name="command">The command that gets the options.</param>
    /// <param name="isRequired">Whether the command works on a host only.</param>
    public RemoteOptions(Command command, bool isRequired)
    {
        _host = new Option<string?>("--host")
        {
            Description = "The host: estreams://HOST:PORT (TLS), estream://HOST:PORT or unix:PATH of its client socket"
                + (isRequired ? "." : ". Default: the data folder on this machine."),
            HelpName = "ADDRESS",
            Required = isRequired,
        };
        _tokenFile = TokenFileOption();
        command.Options.Add(_host);
        command.Options.Add(_tokenFile);
    }

    public static Option<string?> TokenFileOption() => new("--token-file")
    {
        Description = $"The file with the access token, of mode 600. Default: the variable {TokenVariable}.",
        HelpName = "FILE",
    };

    /// <summary>Returns the token from a file, otherwise from the environment; null if neither has a token.</summary>
    public static string? ReadToken(string? file) => file is null
        ? Environment.GetEnvironmentVariable(TokenVariable)
        : SecretFile.ReadText(Path.GetFullPath(file), "token file", MaxTokenBytes).Trim();

    /// <summary>Whether the command is meant for a host.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_host) is not null;

    /// <exception cref="CliException">The address is not valid.</exception>
    /// <exception cref="EstreamClientException">The host refused the connection, or cannot be reached.</exception>
    public async Task<EstreamClient> ConnectAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string text = parsed.GetValue(_host)!;
        string? token = ReadToken(parsed.GetValue(_tokenFile));
        try
        {
            return await EstreamClient.ConnectAsync(AddressOf(text),
                new EstreamClientOptions { Token = token, Name = "estream", ConnectTimeout = TimeSpan.FromSeconds(5) }, cancellation)
                .ConfigureAwait(false);
        }
        catch (ArgumentException wrong)
        {
            throw new CliException($"--host '{text}' is not valid. {wrong.Message.Split(" (Parameter", 2)[0]}");
        }
    }

    // A relative path is common on the command line, but not a valid URI.
    private static Uri AddressOf(string text) =>
        text.StartsWith("unix:", StringComparison.Ordinal) ? new Uri("unix:" + Path.GetFullPath(text["unix:".Length..]))
        : Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) ? uri
        : throw new ArgumentException("Give estreams://HOST:PORT, estream://HOST:PORT or unix:PATH.");
}
