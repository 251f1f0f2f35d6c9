using Estream.Circuits;
using Estream.Crypto;
using Estream.Marketplace.Governance;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>Keys of the tests, the same in each run.</summary>
internal static class WidgetKeys
{
    public static MlDsa87PrivateKey Acme { get; } = Key(1);

    public static MlDsa87PrivateKey Organization { get; } = Key(2);

    public static MlDsa87PrivateKey Stranger { get; } = Key(3);

    public static MlDsa87PrivateKey[] Approvers { get; } = [Key(4), Key(5), Key(6)];

    public static byte[] IdOf(MlDsa87PrivateKey key) => WidgetRelease.IdOf(key.PublicKey.PublicKey.Span);

    private static MlDsa87PrivateKey Key(byte number) => MlDsa87PrivateKey.ImportSeed([.. Enumerable.Repeat(number, MlDsa87.SeedBytes)]);
}
