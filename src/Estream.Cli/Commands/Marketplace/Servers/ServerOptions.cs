using System.CommandLine;
using Estream.Cli.Commands.Remote;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>The options that name a marketplace server, and the token for it.</summary>
/// <param name="description">What the address is for.</param>
internal sealed class ServerOptions(string description)
{
    /// <summary>The address of the server.</summary>
    public Option<string?> To { get; } = new("--to") { Description = description, HelpName = "URL" };

    /// <summary>The file with the token.</summary>
    public Option<string?> TokenFile { get; } = RemoteOptions.TokenFileOption();

    /// <summary>Opens a connection to the server; null if the options name none.</summary>
    /// <exception cref="CliException">The address is not valid.</exception>
    public MarketplaceConnection? Open(ParseResult parsed) =>
        parsed.GetValue(To) is { } address ? MarketplaceConnection.Open(address, parsed.GetValue(TokenFile)) : null;
}
