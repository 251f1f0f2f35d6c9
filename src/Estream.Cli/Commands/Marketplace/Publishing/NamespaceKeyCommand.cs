using System.CommandLine;
using System.Globalization;
using Estream.Crypto;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace key`: manages the owner keys of a namespace.</summary>
internal static class NamespaceKeyCommand
{
    private const int DefaultYears = 2;

    public static Command Create(CliContext context) => new(
        "key",
        "Manages the owner keys of a namespace (@scope, or 'estream' for components without a scope): shows, claims, rotates and revokes "
        + "them. Each change is a signed entry that stays in the log of the registry permanently. Create key files with 'estream key new'.")
    {
        CreateShow(context),
        CreateClaim(context),
        CreateRotate(context),
        CreateRevoke(context),
    };

    private static Command CreateShow(CliContext context)
    {
        Argument<string> name = Namespace();
        Option<string> registry = MarketplaceOptions.Registry();
        Option<bool> json = SharedOptions.Json();
        Command command =
            new("show", "Lists the owner keys of a namespace and whether they are valid or revoked.") { name, registry, json };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            NamespaceName owned = Parse(parsed.GetRequiredValue(name));
            using RegistryOperator registered = await MarketplaceOptions.OpenAsync(context, parsed.GetRequiredValue(registry))
                .ConfigureAwait(false);
            if (registered.Namespaces.Owners(owned) is not { } record)
            {
                throw new CliException(
                    $"The namespace '{owned}' has no owner in {registered.Root.Registry}. Claim it with 'estream marketplace key claim "
                    + $"{owned}'.", ExitCode.No);
            }

            Say(said, registered.Namespaces.Find(owned)!, record, registered.Namespaces.Size);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateClaim(CliContext context)
    {
        Argument<string> name = Namespace();
        Option<string[]> keys = MarketplaceOptions.Keys("A key that becomes an owner.");
        Option<int> threshold = Threshold();
        Option<int> years = Years();
        Option<string?> registry = SignedEntryFile.Registry(), output = SignedEntryFile.Output();
        Option<bool> json = SharedOptions.Json();
        Command command = new("claim", "Claims a namespace without an owner. Every given key signs the claim.") { name, keys, threshold,
            years, registry, output, json };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            NamespaceName owned = Parse(parsed.GetRequiredValue(name));
            string[] paths = parsed.GetRequiredValue(keys);
            NamespaceRecord Claim(IReadOnlyList<DocumentSigner> signers) =>
                new(owned, 1, [.. signers.Select(signer => signer.Key)], parsed.GetValue(threshold),
                    Expiry(context, parsed.GetValue(years)));
            if (SignedEntryFile.Choose(parsed.GetValue(registry), parsed.GetValue(output)) is { } file)
            {
                return SignedEntryFile.Write(said, file, paths, Claim);
            }

            long index = await RegistryOperation.SignedAsync(
                context, parsed.GetValue(registry)!, paths,
                (registered, signers) => registered.SubmitAsync(Claim(signers).Sign(signers).ToJson(), context.Cancellation))
                    .ConfigureAwait(false);
            Say(said, $"{owned} is claimed", owned, index);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateRotate(CliContext context)
    {
        Argument<string> name = Namespace();
        Option<string[]> keys = MarketplaceOptions.Keys("A current owner key.");
        Option<string[]> next = new("--new-key")
        {
            Description = "A new owner key, which also signs; a private key file like --key. May be repeated.",
            HelpName = "KEY",
            Required = true,
        };
        Option<int> threshold = Threshold();
        Option<int> years = Years();
        Option<string?> registry = SignedEntryFile.Registry(), output = SignedEntryFile.Output();
        Option<int?> serial = new("--serial")
        {
            Description =
                "The number of the new record, required with --out: 2 after the claim, plus 1 for each rotation. Default: read from the "
                + "log.",
            HelpName = "N",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "rotate",
            "Replaces the owner keys of a namespace, or extends their validity. The current and the new owners sign. Earlier releases stay "
            + "attributed to the owners who published them.")
        {
            name, keys, next, threshold, years, registry, output, serial, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            NamespaceName owned = Parse(parsed.GetRequiredValue(name));
            string[] old = parsed.GetRequiredValue(keys), made = parsed.GetRequiredValue(next);
            NamespaceRecord Next(int number, IReadOnlyList<DocumentSigner> signers) =>
                new(owned, number, [.. signers.Skip(old.Length).Select(signer => signer.Key)], parsed.GetValue(threshold),
                    Expiry(context, parsed.GetValue(years)));
            if (SignedEntryFile.Choose(parsed.GetValue(registry), parsed.GetValue(output)) is { } file)
            {
                int number = parsed.GetValue(serial)
                    ?? throw new CliException(
                        "--out requires --serial N, the number of the new record: 2 after the claim, plus 1 for each rotation.");
                return SignedEntryFile.Write(said, file, [.. old, .. made], signers => Next(number, signers));
            }

            long index = await RegistryOperation.SignedAsync(context, parsed.GetValue(registry)!, [.. old, .. made],
                (registered, signers) => registered.SubmitAsync(
                Next(SerialBehind(registered, owned), signers).Sign(signers.DistinctBy(signer => signer.Key.Id)).ToJson(),
                context.Cancellation)).ConfigureAwait(false);
            Say(said, $"{owned} has new owner keys", owned, index);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateRevoke(CliContext context)
    {
        Argument<string> name = Namespace();
        Option<string[]> keys = MarketplaceOptions.Keys("The key of an owner.");
        Option<string> revoked = SharedOptions.Required("--revoked", "KEY.pub", "The public key to revoke.");
        Option<long?> from = new("--from")
        {
            Description =
                "The first log entry for which the key is invalid; earlier entries stay valid. Default: the next entry.",
            HelpName = "INDEX",
        };
        from.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long?>() < 0)
            {
                result.AddError("--from takes 0 or more: the index of a log entry.");
            }
        });
        Option<string> reason = SharedOptions.Required("--reason", "TEXT", "The reason, shown to users.");
        Option<bool> closes = new("--close-namespace")
        {
            Description = "Revoke the key also if too few keys stay valid, which closes the namespace permanently. Without it, the command "
                + "asks at a terminal.",
        };
        Option<string?> registry = SignedEntryFile.Registry(), output = SignedEntryFile.Output();
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "revoke",
            "Revokes a key of a namespace from a log entry on. For a stolen key, give the first entry that may be forged. Add a new key "
            + "with 'key rotate' first: without enough valid keys, the namespace is closed permanently.")
        {
            name, keys, revoked, from, reason, closes, registry, output, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            NamespaceName owned = Parse(parsed.GetRequiredValue(name));
            DocumentKey key = new(MlDsa87PublicKey.Load(parsed.GetRequiredValue(revoked)));
            string[] paths = parsed.GetRequiredValue(keys);
            string why = parsed.GetRequiredValue(reason);
            if (SignedEntryFile.Choose(parsed.GetValue(registry), parsed.GetValue(output)) is { } file)
            {
                long first = parsed.GetValue(from)
                    ?? throw new CliException(
                        "--out requires --from INDEX, because the next index is known only from the log of the registry.");
                return SignedEntryFile.Write(said, file, paths, _ => new KeyRevocation(owned, key.Id, first, why));
            }

            long index =
                await RegistryOperation.SignedAsync(context, parsed.GetValue(registry)!, paths,
                (registered, signers) =>
                {
                    RequireOtherKeys(context, registered, owned, key, parsed.GetValue(closes));
                    return registered.SubmitAsync(
                        new KeyRevocation(owned, key.Id, parsed.GetValue(from) ?? registered.Namespaces.Size, why).Sign(signers).ToJson(),
                        context.Cancellation);
                }).ConfigureAwait(false);
            Say(said, $"{key.Id} is revoked for {owned}", owned, index);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Asks before a revocation that leaves fewer valid keys than must sign.</summary>
    private static void RequireOtherKeys(
        CliContext context, RegistryOperator registered, NamespaceName owned, DocumentKey revoked, bool isConfirmed)
    {
        long size = registered.Namespaces.Size;
        if (isConfirmed || registered.Namespaces.Owners(owned) is not { } record || registered.Namespaces.Find(owned) is not { } state
            || !record.Keys.Any(key => key.Id == revoked.Id && state.Counts(key.Id, size)))
        {
            return;
        }

        int left = record.Keys.Count(key => key.Id != revoked.Id && state.Counts(key.Id, size));
        if (left >= record.Threshold)
        {
            return;
        }

        string closed = string.Create(CultureInfo.InvariantCulture,
            $"After this revocation, {left} keys of {owned} are valid, and {record.Threshold} must sign. The namespace is then closed "
            + $"permanently: no key can publish, rotate or revoke for {owned}, and the name cannot be claimed again.");
        if (context.Confirm is null)
        {
            throw new CliException($"{closed} Add a new key first with 'estream marketplace key rotate', or give --close-namespace.",
                ExitCode.No);
        }

        if (!context.Confirm($"{closed} Close {owned}?"))
        {
            throw new CliException("Nothing is revoked. Add a new key first with 'estream marketplace key rotate'.", ExitCode.No);
        }
    }

    private static int SerialBehind(RegistryOperator registered, NamespaceName owned) =>
        1 + (registered.Namespaces.Owners(owned)
            ?? throw new CliException($"The namespace '{owned}' has no owner. Claim it first with 'estream marketplace key "
                + "claim'.", ExitCode.No)).Serial;

    private static Argument<string> Namespace() =>
        new("NAMESPACE") { Description = "The namespace, such as @acme; 'estream' for components without a scope." };

    private static Option<int> Threshold() =>
        new("--threshold") { Description = "The number of keys that must sign a release.", HelpName = "N", DefaultValueFactory = _ => 1 };

    private static Option<int> Years() => new("--years")
    {
        Description = "The validity in years, 1 to 20. The owners must rotate before it ends; the keys may stay the same.",
        HelpName = "N",
        DefaultValueFactory = _ => DefaultYears,
    };

    private static DateTimeOffset Expiry(CliContext context, int years) => years is >= 1 and <= 20
        ? context.Now.AddYears(years)
        : throw new CliException("--years takes 1 to 20.");

    private static NamespaceName Parse(string text) => NamespaceName.TryParse(text, out NamespaceName? name)
        ? name
        : throw new CliException($"'{text}' is not a valid namespace. Write @scope, or 'estream' for components without a scope.");

    private static void Say(MarketplaceOutput said, string text, NamespaceName owned, long index) =>
        said.Say(string.Create(CultureInfo.InvariantCulture, $"{text}, entry {index} of the log"), json =>
        {
            json.WriteString("namespace", owned.Text);
            json.WriteNumber("logIndex", index);
        });

    private static void Say(MarketplaceOutput said, NamespaceState state, NamespaceRecord record, long size)
    {
        said.Note(string.Create(CultureInfo.InvariantCulture,
            $"{record.Namespace}: record {record.Serial}, {record.Threshold} of {record.Keys.Count} keys must sign, "
            + $"valid until {record.Expires:yyyy-MM-dd}"));
        foreach (DocumentKey key in record.Keys)
        {
            bool counts = state.Counts(key.Id, size);
            said.Say($"{key.Id}  {(counts ? "valid" : "revoked")}", json =>
            {
                json.WriteString("key", key.Id);
                json.WriteBoolean("counts", counts);
                json.WriteNumber("threshold", record.Threshold);
                json.WriteString("expires", record.Expires.UtcDateTime);
            });
        }
    }
}
