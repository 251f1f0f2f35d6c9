using System.CommandLine;
using Estream.Core;
using Estream.Crypto;

namespace Estream.Cli.Commands;

/// <summary>The options of commands that read an encrypted queue or map: the master key file, and the private key that opens it.</summary>
internal sealed class MasterKeyOptions
{
    private readonly Option<string> _keyFile = new("--key-file")
    {
        Description =
            "The master key file of an encrypted queue or map. Each line has an id and 64 hexadecimal digits, or a key added by 'estream "
            + "key add-master'. Only its owner may access the file.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _privateKey = new("--private-key")
    {
        Description = "The ML-KEM-1024 private key file (PEM) that opens the wrapped keys of --key-file. Only its owner may access it.",
        HelpName = "FILE",
    };

    /// <summary>Adds the options to a command.</summary>
    public MasterKeyOptions(Command command, bool isRequired = false)
    {
        _keyFile.Required = isRequired;
        command.Options.Add(_keyFile);
        command.Options.Add(_privateKey);
    }

    /// <summary>Reads the master keys, which the caller disposes; null if no key file was given.</summary>
    public QueueKeyRing? Read(ParseResult parsed) => (parsed.GetValue(_keyFile), parsed.GetValue(_privateKey)) switch
    {
        ({ } file, var key) => MasterKeyFile.Read(file, key),
        (null, null) => null,
        _ => throw new CliException("--private-key requires --key-file."),
    };
}
