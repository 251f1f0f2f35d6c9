using System.CommandLine;
using Estream.Cli.Output;
using Estream.Crypto;
using Estream.Streams;

namespace Estream.Cli.Commands;

/// <summary>`estream key`: creates keys for signatures, for the audiences of private fields, and for card vaults, and adds master keys of
/// queues and maps.</summary>
internal static class KeyCommand
{
    private const string Signatures = "ml-dsa-87";
    private const string Audiences = "ml-kem-1024";
    private const string Vaults = "card-vault";
    private const string PublicEnding = ".pub";
    private const string AudiencePublicEnding = ".pub.pem";
    private const string AudiencePrivateEnding = ".key.pem";

    public static Command Create(CliContext context) =>
        new("key", "Creates keys for signatures, for the audiences of private fields, and for card vaults. Adds master keys of queues and "
            + "maps.") { CreateNew(context), CreateAddMaster(context) };

    private static Command CreateNew(CliContext context)
    {
        Option<string> output = new("--out")
        {
            Description = "The private key file, accessible to its owner only. The public key is written next to it. Existing files are "
                + "never overwritten.",
            HelpName = "KEY",
            Required = true,
        };
        Option<string> algorithm = new("--algorithm")
        {
            Description =
                $"{Signatures}: a signing key, KEY (PKCS#8 in PEM) and KEY.pub. {Audiences}: a key of the audience KEY, or for 'estream "
                + $"key add-master', KEY{AudiencePrivateEnding} and KEY{AudiencePublicEnding}. {Vaults}: a key of a card vault, KEY only.",
            DefaultValueFactory = _ => Signatures,
        };
        algorithm.AcceptOnlyFromAmong(Signatures, Audiences, Vaults);
        Command command = new("new", "Creates a key. Example: estream key new --out owner.key") { output, algorithm };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(output);
            string made = parsed.GetValue(algorithm) switch
            {
                Audiences => MakeAudience(path),
                Vaults => MakeVault(path),
                _ => MakeSignature(path),
            };
            using LineWriter lines = new(context.Output);
            lines.WriteLine(made);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateAddMaster(CliContext context)
    {
        Argument<string> id = new("ID") { Description = "The id of the new key: 1 to 32 ASCII letters, digits, '-', '_' or '.'." };
        Option<string> keyFile = SharedOptions.Required("--key-file", "FILE",
            "The master key file. Created with mode 600 if it does not exist. The new key becomes its first line, the current key.");
        Option<string> publicKey = SharedOptions.Required("--public-key", $"KEY{AudiencePublicEnding}",
            $"The public key file, created by 'estream key new --algorithm {Audiences}'. Its private key opens the new key.");
        Command command = new("add-master", "Adds a new master key of queues and maps to a key file, wrapped for an ML-KEM-1024 key. The "
            + "file then contains no secret of this key. Example: estream key add-master 2026-11 --key-file master.keys --public-key "
            + "host.pub.pem") { id, keyFile, publicKey };
        command.SetAction(parsed =>
        {
            (string name, string path) = (parsed.GetRequiredValue(id), parsed.GetRequiredValue(keyFile));
            MlKem1024PublicKey key = MlKem1024KeyFile.ReadPublic(parsed.GetRequiredValue(publicKey));
            try
            {
                MasterKeyFile.Add(path, name, key);
            }
            catch (ArgumentException refused)
            {
                throw new CliException(refused.Message);
            }

            using LineWriter lines = new(context.Output);
            lines.WriteLine($"master key {name} added to {path}; it is the current key");
            return ExitCode.Ok;
        });
        return command;
    }

    private static string MakeSignature(string path)
    {
        RequireNew(path + PublicEnding);
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
        key.Save(path);
        key.PublicKey.Save(path + PublicEnding);
        return $"{MlDsa87.Name} key: {path} (private) and {path}{PublicEnding} (public)";
    }

    private static string MakeAudience(string path)
    {
        string stem = path.EndsWith(AudiencePrivateEnding, StringComparison.Ordinal) ? path[..^AudiencePrivateEnding.Length] : path;
        RequireNew(stem + AudiencePublicEnding);
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        MlKem1024KeyFile.WritePrivate(stem + AudiencePrivateEnding, key);
        MlKem1024KeyFile.WritePublic(stem + AudiencePublicEnding, key.PublicKey);
        return $"ML-KEM-1024 key {Path.GetFileName(stem)}: {stem}{AudiencePrivateEnding} (private, decrypts) and "
            + $"{stem}{AudiencePublicEnding} (public, encrypts)";
    }

    private static string MakeVault(string path)
    {
        CardVaultKey.Create(path).Dispose();
        return $"card vault key: {path} (private; keep a backup, because the card numbers cannot be recovered without it)";
    }

    private static void RequireNew(string path)
    {
        if (File.Exists(path))
        {
            throw new CliException($"The key file '{path}' already exists, and keys are never overwritten. Choose another name.");
        }
    }
}
