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
        "Says by which keys a namespace (@scope, or 'estream' for components without one) is owned. Keys themselves are made by 'estream "
        + "key new'; here they are claimed, replaced and revoked, each time by a signed entry of the registry's log that stays for "
        + "good.")
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
            new("show", "The keys that a namespace is owned by, and those that do not count any more.") { name, registry, json };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            NamespaceName owned = Parse(parsed.GetRequiredValue(name));
            using RegistryOperator registered = await MarketplaceOptions.OpenAsync(context, parsed.GetRequiredValue(registry))
                .ConfigureAwait(false);
            if (registered.Namespaces.Owners(owned) is not { } record)
            {
                throw new CliException(
                    $"nobody owns the namespace '{owned}' in {registered.Root.Registry}: claim it with 'estream marketplace key claim "
                    + $"{owned}'", ExitCode.No);
            }

            Say(said, registered.Namespaces.Find(owned)!, record, registered.Namespaces.Size);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateClaim(CliContext context)
    {
        Argument<string> name = Namespace();
        Option<string[]> keys = MarketplaceOptions.Keys("A key that owns it from now on.");
        Option<int> threshold = Threshold();
        Option<int> years = Years();
        Option<string?> registry = SignedEntryFile.Registry(), output = SignedEntryFile.Output();
        Option<bool> json = SharedOptions.Json();
        Command command = new("claim", "Takes a namespace that nobody owns. Every key given signs that it agrees.") { name, keys, threshold,
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
        Option<string[]> keys = MarketplaceOptions.Keys("A key that owns it until now.");
        Option<string[]> next = new("--new-key")
        {
            Description = "A key that owns it from now on, which has to sign too: a file as of --key. May be repeated.",
            HelpName = "KEY",
            Required = true,
        };
        Option<int> threshold = Threshold();
        Option<int> years = Years();
        Option<string?> registry = SignedEntryFile.Registry(), output = SignedEntryFile.Output();
        Option<int?> serial = new("--serial")
        {
            Description =
                "The number of the next record, with --out: 2 behind a claim, and one more with each rotation. Otherwise the log says it.",
            HelpName = "N",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "rotate",
            "Gives a namespace other owners, or the same ones for longer: signed by those of now and by the new ones. What was published "
            + "before stays theirs who published it.")
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
                        "--out needs --serial N: the number of the next record, which is 2 behind a claim and one more with each rotation");
                return SignedEntryFile.Write(said, file, [.. old, .. made], signers => Next(number, signers));
            }

            long index = await RegistryOperation.SignedAsync(context, parsed.GetValue(registry)!, [.. old, .. made],
                (registered, signers) => registered.SubmitAsync(
                Next(SerialBehind(registered, owned), signers).Sign(signers.DistinctBy(signer => signer.Key.Id)).ToJson(),
                context.Cancellation)).ConfigureAwait(false);
            Say(said, $"{owned} has other owners", owned, index);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateRevoke(CliContext context)
    {
        Argument<string> name = Namespace();
        Option<string[]> keys = MarketplaceOptions.Keys("The key of an owner.");
        Option<string> revoked = SharedOptions.Required("--revoked", "KEY.pub", "The public key that does not count any more.");
        Option<long?> from = new("--from")
        {
            Description =
                "The entry of the log from which on it does not count: what was logged before stays good. The next one where it is left "
                + "out.",
            HelpName = "INDEX",
        };
        from.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long?>() < 0)
            {
                result.AddError("--from takes 0 or more: the place of an entry in the log.");
            }
        });
        Option<string> reason = SharedOptions.Required("--reason", "TEXT", "Why, for people.");
        Option<string?> registry = SignedEntryFile.Registry(), output = SignedEntryFile.Output();
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "revoke",
            "Says that a key of a namespace does not count from an entry of the log on. Of a key that was stolen name the entry before "
            + "which it was surely yours.")
        {
            name, keys, revoked, from, reason, registry, output, json,
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
                    ?? throw new CliException("--out needs --from INDEX: which entry is the next one says the log, and that is elsewhere");
                return SignedEntryFile.Write(said, file, paths, _ => new KeyRevocation(owned, key.Id, first, why));
            }

            long index =
                await RegistryOperation.SignedAsync(context, parsed.GetValue(registry)!, paths,
                (registered, signers) => registered.SubmitAsync(
                new KeyRevocation(owned, key.Id, parsed.GetValue(from) ?? registered.Namespaces.Size, why).Sign(signers).ToJson(),
                context.Cancellation)).ConfigureAwait(false);
            Say(said, $"{key.Id} does not count for {owned}", owned, index);
            return ExitCode.Ok;
        });
        return command;
    }

    private static int SerialBehind(RegistryOperator registered, NamespaceName owned) =>
        1 + (registered.Namespaces.Owners(owned)
            ?? throw new CliException($"nobody owns the namespace '{owned}': claim it first", ExitCode.No)).Serial;

    private static Argument<string> Namespace() =>
        new("NAMESPACE") { Description = "Such as @acme; 'estream' for components without a scope." };

    private static Option<int> Threshold() =>
        new("--threshold") { Description = "How many of the keys have to sign a release.", HelpName = "N", DefaultValueFactory = _ => 1 };

    private static Option<int> Years() => new("--years")
    {
        Description = "For how long; before that its owners have to rotate, be it to the same keys.",
        HelpName = "N",
        DefaultValueFactory = _ => DefaultYears,
    };

    private static DateTimeOffset Expiry(CliContext context, int years) => years is >= 1 and <= 20
        ? context.Now.AddYears(years)
        : throw new CliException("--years is from 1 to 20");

    private static NamespaceName Parse(string text) => NamespaceName.TryParse(text, out NamespaceName? name)
        ? name
        : throw new CliException($"'{text}' is no namespace: write @scope, or 'estream' for components without one");

    private static void Say(MarketplaceOutput said, string text, NamespaceName owned, long index) =>
        said.Say(string.Create(CultureInfo.InvariantCulture, $"{text}, entry {index} of the log"), json =>
        {
            json.WriteString("namespace", owned.Text);
            json.WriteNumber("logIndex", index);
        });

    private static void Say(MarketplaceOutput said, NamespaceState state, NamespaceRecord record, long size)
    {
        said.Note(string.Create(CultureInfo.InvariantCulture,
            $"{record.Namespace}: record {record.Serial}, {record.Threshold} of {record.Keys.Count} keys have to sign, "
            + $"until {record.Expires:yyyy-MM-dd}"));
        foreach (DocumentKey key in record.Keys)
        {
            bool counts = state.Counts(key.Id, size);
            said.Say($"{key.Id}  {(counts ? "counts" : "revoked")}", json =>
            {
                json.WriteString("key", key.Id);
                json.WriteBoolean("counts", counts);
                json.WriteNumber("threshold", record.Threshold);
                json.WriteString("expires", record.Expires.UtcDateTime);
            });
        }
    }
}
