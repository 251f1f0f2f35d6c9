using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Fuzz.Mqtt;

/// <summary>Passes damaged SCRAM messages to both sides: they are rejected, and nothing else happens. A failure names the seed that repeats
/// it.</summary>
public sealed class ScramFuzz : IDisposable
{
    private const string ClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private const string ClientFinal = "c=biws,r=rOprNGfwEbeRWgbNEkqOours,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

    // The number of iterations is one less than the client accepts, so that the client rejects most of these challenges before it computes
    // a key.
    private const string Challenge = "r=rOprNGfwEbeRWgbNEkqO%x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095";

    private readonly TempDirectory _folder = new();

    [Theory]
    [InlineData(1)]
    [InlineData(20261122)]
    public void Damaged_SCRAM_messages_prove_nothing(int seed)
    {
        Random random = new(seed);
        MqttScramFile users = Users();
        int count = LongRun.Count(20_000, 1_000_000);
        for (int number = 0; number < count; number++)
        {
            byte[] first = Damage(random, ClientFirst);
            byte[] final = Damage(random, ClientFinal);
            byte[] challenge = Damage(random, Challenge);
            try
            {
                ScramServer server = new(users, "ours");
                server.Begin(first);
                Assert.Null(server.Finish(final));
                ScramClient client = new("user", [1], "rOprNGfwEbeRWgbNEkqO");
                client.Answer(challenge);
                Assert.False(client.IsRight(final));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException(
                    $"seed {seed}, number {number}: "
                    + $"{Convert.ToHexString(first)} {Convert.ToHexString(final)} {Convert.ToHexString(challenge)}", failure);
            }
        }
    }

    public void Dispose()
    {
        _folder.Dispose();
    }

    private static byte[] Damage(Random random, string text)
    {
        List<byte> bytes = [.. Encoding.UTF8.GetBytes(text)];
        for (int faults = random.Next(4); faults > 0; faults--)
        {
            int place = random.Next(bytes.Count);
            switch (random.Next(3))
            {
                case 0:
                    bytes[place] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.Insert(place, (byte)",=\0n"[random.Next(4)]);
                    break;
                default:
                    bytes.RemoveAt(place);
                    break;
            }
        }

        return [.. bytes];
    }

    private MqttScramFile Users()
    {
        string file = _folder.Combine("users");
        File.WriteAllText(file, MqttScramFile.CreateLine("user", "secret"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return MqttScramFile.Load(file);
    }
}
