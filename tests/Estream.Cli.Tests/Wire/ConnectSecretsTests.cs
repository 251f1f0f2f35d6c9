using System.Text;
using Estream.Wire.Tools.Recording;

namespace Estream.Cli.Tests.Wire;

/// <summary>Finds the password in every form of CONNECT packet.</summary>
public sealed class ConnectSecretsTests
{
    private const string Secret = "hunter2-canary";
    private const int Will = 0x04;
    private const int Password = 0x40;
    private const int User = 0x80;

    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, User)]
    [InlineData(4, User | Password)]
    [InlineData(4, Will | User | Password)]
    [InlineData(5, 0)]
    [InlineData(5, Password)]
    [InlineData(5, User | Password)]
    [InlineData(5, Will)]
    [InlineData(5, Will | User | Password)]
    public void Only_the_password_is_masked(int version, int flags)
    {
        byte[] packet = Connect(version, flags, Secret);
        byte[] masked = [.. packet];

        Assert.Equal(packet.Length, ConnectSecrets.LengthOf(packet));
        ConnectSecrets.Mask(masked);

        Assert.Equal(Connect(version, flags, new string('*', Secret.Length)), masked);
    }

    [Fact]
    public void LengthOf_returns_the_packet_length_once_the_length_field_is_complete()
    {
        byte[] packet = Connect(5, User | Password, new string('x', 300));

        Assert.Equal(0, ConnectSecrets.LengthOf([]));
        Assert.Equal(0, ConnectSecrets.LengthOf(packet.AsSpan(0, 1)));
        Assert.Equal(0, ConnectSecrets.LengthOf(packet.AsSpan(0, 2)));
        Assert.Equal(packet.Length, ConnectSecrets.LengthOf(packet.AsSpan(0, 3)));
        Assert.Equal(-1, ConnectSecrets.LengthOf([0x30, 0]));
        Assert.Equal(-1, ConnectSecrets.LengthOf([0x10, 0xFF, 0xFF, 0xFF, 0xFF, 1]));
    }

    [Fact]
    public void A_malformed_CONNECT_is_masked_from_its_first_invalid_byte_without_an_exception()
    {
        Random random = new(7);
        for (int number = 0; number < 20_000; number++)
        {
            byte[] packet = Connect(4 + (number % 2), random.Next(256) & (Will | User | Password), Secret);
            packet[random.Next(1, packet.Length)] = (byte)random.Next(256);
            byte[] cut = packet[..random.Next(packet.Length + 1)];
            byte[] before = [.. cut];

            ConnectSecrets.Mask(cut);

            Assert.All(cut.Zip(before), pair => Assert.True(pair.First == pair.Second || pair.First == (byte)'*'));
        }
    }

    private static byte[] Connect(int version, int flags, string password)
    {
        byte[] properties = version == 5 ? [5, 0x11, 0, 0, 0, 60] : [];
        byte[] none = version == 5 ? [0] : [];
        byte[] body =
        [
            .. Text("MQTT"), (byte)version, (byte)flags, 0, 60, .. properties, .. Text("pump-7"),
            .. (flags & Will) != 0 ? [.. none, .. Text("gone"), .. Text("pump-7")] : Array.Empty<byte>(),
            .. (flags & User) != 0 ? Text("ann") : [],
            .. (flags & Password) != 0 ? Text(password) : [],
        ];
        byte[] length = body.Length < 128 ? [(byte)body.Length] : [(byte)((body.Length & 0x7F) | 0x80), (byte)(body.Length >> 7)];
        return [0x10, .. length, .. body];
    }

    private static byte[] Text(string text)
    {
        return [(byte)(text.Length >> 8), (byte)text.Length, .. Encoding.Latin1.GetBytes(text)];
    }
}
