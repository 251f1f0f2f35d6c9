using Estream.Crypto;
using Estream.Esf.Schema;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Marketplace.Tests.Trust.Namespaces;

/// <summary>Owners of namespaces with the same keys in every run, and the entries they sign.</summary>
internal static class Owners
{
    public const string Root = "0011223344556677889900112233445566778899001122334455667788990011";
    public const string OtherRoot = "1011223344556677889900112233445566778899001122334455667788990011";

    public static readonly NamespaceName Acme = NamespaceName.Of(ComponentName.Parse("@acme/a"));

    private static readonly DateTimeOffset s_expires = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DocumentSigner Signer(byte seed) => new(MlDsa87PrivateKey.ImportSeed([.. Enumerable.Repeat(seed, MlDsa87.SeedBytes)]));

    public static NamespaceRecord RecordOf(int serial, int threshold, params DocumentSigner[] owners) =>
        new(Acme, serial, [.. owners.Select(owner => owner.Key)], threshold, s_expires);

    public static PublishEntry Publish(string version, string root = Root, string name = "@acme/card") =>
        new(ComponentName.Parse(name), SemanticVersion.Parse(version), root, Root);

    public static YankEntry Yank(string version) =>
        new(ComponentName.Parse("@acme/card"), SemanticVersion.Parse(version), isYanked: true, "It loses messages.");

    public static byte[] Signed(LogEntry entry, params DocumentSigner[] signers) => entry.Sign(signers).ToJson();

    public static LogEntryFault Apply(this NamespaceMap map, byte[] entry) => map.Apply(entry, out _);
}
