using System.Security.Cryptography;
using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>Users of SCRAM-SHA-256 with the minimum iterations, and the messages of a peer.</summary>
internal static class ScramUsers
{
    public const string Password = "correct horse";

    /// <summary>Writes a file with these users, all with the same password, that only its owner can access.</summary>
    public static string Write(TempDirectory folder, params string[] users)
    {
        string file = folder.Combine("scram");
        File.WriteAllLines(file, users.Select(Line));
        Protect(file);
        return file;
    }

    public static void Protect(string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    public static ScramClient Client(string user, string password = Password)
    {
        return new ScramClient(user, Encoding.UTF8.GetBytes(password), Scram.NewNonce());
    }

    public static byte[] Connect(ScramClient client)
    {
        return ClientPackets.Connect(new ConnectRequest
        {
            ClientId = "device",
            AuthenticationMethod = Scram.Method.ToArray(),
            AuthenticationData = client.First(),
        });
    }

    /// <summary>The data of an AUTH with this reason code.</summary>
    public static byte[] DataOf(RawPacket packet, MqttReasonCode reason)
    {
        Assert.Equal(PacketType.Auth, packet.Type);
        Assert.False(AuthPacket.Decode(packet.Body, out AuthPacket auth).IsFault);
        Assert.Equal(reason, auth.Reason);
        Assert.True(auth.Method.SequenceEqual(Scram.Method));
        return auth.Data.ToArray();
    }

    private static string Line(string user)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(16);
        byte[] salted = Scram.SaltedPassword(Encoding.UTF8.GetBytes(Password), salt, Scram.MinIterations);
        string storedKey = Convert.ToBase64String(SHA256.HashData(Scram.ClientKey(salted)));
        string serverKey = Convert.ToBase64String(Scram.ServerKey(salted));
        return $"{user}:SCRAM-SHA-256${Scram.MinIterations}:{Convert.ToBase64String(salt)}${storedKey}:{serverKey}";
    }
}
