using System.CommandLine;
using Estream.Cli.Output;
using Estream.Crypto;
using Estream.Streams;

namespace Estream.Cli.Commands;

/// <summary>`estream key`: creates keys for signatures, for the audiences of private fields, and for card vaults.</summary>
internal static class KeyCommand
{
    private const string Signatures = "ml-dsa-87";
    private const string Audiences = "ml-kem-1024";
    private const string Vaults = "card-vault";
    private const string PublicEnding = ".pub";
    private const string AudiencePublicEnding = ".pub.pem";
    private const string AudiencePrivateEnding = ".key.pem";

    public static Command Create(CliContext context) =>
        new("key", "Makes keys for signatures, for the audiences of private fields, and for vaults of tokens.") { CreateNew(context) };

    private static Command CreateNew(CliContext context)
    {
        Option<string> output = new("--out")
        {
            Description = "The private key's file, which only its owner may use; the public key's is beside it. None may be there yet.",
            HelpName = "KEY",
            Required = true,
        };
        Option<string> algorithm = new("--algorithm")
        {
            Description =
                $"{Signatures}: for signatures, KEY (PKCS#8 in PEM) and KEY.pub. {Audiences}: for the audience KEY of private fields, "
                + $"KEY{AudiencePrivateEnding} and KEY{AudiencePublicEnding}. {Vaults}: for a vault of tokens of cards, KEY alone.",
            DefaultValueFactory = _ => Signatures,
        };
        algorithm.AcceptOnlyFromAmong(Signatures, Audiences, Vaults);
        Command command = new("new", "Makes a new key.") { output, algorithm };
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

    private static string MakeSignature(string path)
    {
        RequireNew(path + PublicEnding);
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
        key.Save(path);
        key.PublicKey.Save(path + PublicEnding);
        return $"{MlDsa87.Name} key: {path} (keep it to yourself) and {path}{PublicEnding} (give it away)";
    }

    private static string MakeAudience(string path)
    {
        string stem = path.EndsWith(AudiencePrivateEnding, StringComparison.Ordinal) ? path[..^AudiencePrivateEnding.Length] : path;
        RequireNew(stem + AudiencePublicEnding);
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        MlKem1024KeyFile.WritePrivate(stem + AudiencePrivateEnding, key);
        MlKem1024KeyFile.WritePublic(stem + AudiencePublicEnding, key.PublicKey);
        return $"ML-KEM-1024 key of the audience {Path.GetFileName(stem)}: {stem}{AudiencePrivateEnding} (for its readers alone) and "
            + $"{stem}{AudiencePublicEnding} (for who writes)";
    }

    private static string MakeVault(string path)
    {
        CardVaultKey.Create(path).Dispose();
        return $"key of a vault: {path} (keep it to yourself, and a copy: without it the cards are lost)";
    }

    private static void RequireNew(string path)
    {
        if (File.Exists(path))
        {
            throw new CliException($"The key file '{path}' is there already, and keys are never overwritten. Choose another name.");
        }
    }
}
