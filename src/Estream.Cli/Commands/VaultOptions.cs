using System.CommandLine;
using Estream.Streams;

namespace Estream.Cli.Commands;

/// <summary>The options that name a vault of the tokens of cards.</summary>
internal sealed class VaultOptions
{
    private readonly Option<string?> _directory;
    private readonly Option<string?> _keyFile = new("--vault-key")
    {
        Description = "The file of the vault's key, which only its owner may use.",
        HelpName = "FILE",
    };

    /// <summary>The options of a command.</summary>
    /// <param name="what">What becomes of tokens.</param>
    public VaultOptions(string what)
    {
        _directory = new Option<string?>("--vault")
        {
            Description = $"The directory of the vault of tokens, with --vault-key: {what}",
            HelpName = "FOLDER",
        };
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_directory);
        command.Options.Add(_keyFile);
    }

    /// <summary>Opens the vault that a command line names; none where it names none.</summary>
    /// <exception cref="CliException">Only one of the two options is there.</exception>
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
            throw new CliException("a vault is its directory and its key: give both --vault and --vault-key");
        }

        using CardVaultKey key = CardVaultKey.Load(keyFile);
        return CardVault.Open(directory, key);
    }
}
