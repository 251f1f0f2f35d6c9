using System.CommandLine;
using Estream.Streams;

namespace Estream.Cli.Commands;

/// <summary>The options that name a card vault and its key.</summary>
internal sealed class VaultOptions
{
    private readonly Option<string?> _directory;
    private readonly Option<string?> _keyFile = new("--vault-key")
    {
        Description = "The key file of the vault. Only its owner may access it.",
        HelpName = "FILE",
    };

    /// <summary>Creates the options.</summary>
    /// <param name="what">Describes what the command does with the vault.</param>
    public VaultOptions(string what)
    {
        _directory = new Option<string?>("--vault")
        {
            Description = $"The directory of a card vault; requires --vault-key: {what}",
            HelpName = "FOLDER",
        };
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_directory);
        command.Options.Add(_keyFile);
    }

    /// <summary>Opens the vault named on the command line; returns null if none is named.</summary>
    /// <exception cref="CliException">Only one of the two options is given.</exception>
    public CardVault? Open(ParseResult parsed)
    {
        string? directory = parsed.GetValue(_directory);
        string? keyFile = parsed.GetValue(_keyFile);
        if (directory is null && keyFile is null)
        {
            return null;
        }

        if (directory is null || keyFile is null)
        {
            throw new CliException("--vault and --vault-key require each other.");
        }

        using CardVaultKey key = CardVaultKey.Load(keyFile);
        return CardVault.Open(directory, key);
    }
}
