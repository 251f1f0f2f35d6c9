using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Authentication;

/// <summary>Goal: after a restart a fleet logs in while an attacker guesses passwords. The full count is 10,000 devices.</summary>
public sealed class FleetLoginTests
{
    private const int DeviceIterations = 101;
    private const int Guessers = 50;
    private const int AtOnce = 100;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly int s_devices = LongRun.Count(1_000, 10_000);

    [Fact]
    public async Task All_devices_log_in_within_a_minute_during_a_password_guessing_attack()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("passwords");

        // One line with 210,000 iterations, as for an operator: every wrong password takes as long as this line.
        SecretFiles.Write(file, MqttPasswordFile.CreateLine("operator", "secret") + "\n" + string.Concat(
            Enumerable.Range(0, s_devices).Select(device => LineOf($"device-{device}"))));

        // On a busy machine, a login may wait longer for its turn than the default connect timeout.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions
        {
            PasswordFile = file,
            MaxFailedLoginsPerMinute = LongRun.Count(20, 120),
            ConnectTimeoutSeconds = (int)s_limit.TotalSeconds,
        });
        using CancellationTokenSource stopping = new();
        int wrong = 0;
        Task[] guessing = [.. Enumerable.Range(0, Guessers).Select(guesser => Task.Run(async () =>
        {
            while (!stopping.IsCancellationRequested)
            {
                MqttReasonCode answer = await LogInAsync(endpoint.Port, IPAddress.Parse("127.0.0.2"), $"device-{guesser}", "guess");
                Assert.NotEqual(MqttReasonCode.Success, answer);
                Interlocked.Increment(ref wrong);
            }
        }))];
        Eventually.True(() => Volatile.Read(ref wrong) > 0, "the attacker guesses");

        int next = -1;
        int inside = 0;
        Task fleet = Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
        {
            for (int device; (device = Interlocked.Increment(ref next)) < s_devices;)
            {
                IPAddress address = new([127, 1, (byte)(device >> 8), (byte)device]);
                Assert.Equal(MqttReasonCode.Success, await LogInAsync(endpoint.Port, address, $"device-{device}", $"device-{device}"));
                Interlocked.Increment(ref inside);
            }
        })));
        try
        {
            await fleet.WaitAsync(s_limit);
        }
        finally
        {
            await stopping.CancelAsync();
        }

        Assert.Equal(s_devices, inside);
        await Task.WhenAll(guessing);
    }

    /// <returns>The reason code; <see cref="MqttReasonCode.UnspecifiedError"/> if the connection was closed without an answer.</returns>
    private static async Task<MqttReasonCode> LogInAsync(int port, IPAddress from, string user, string password)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        byte[] answer = new byte[256];
        int length = 0;
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await socket.SendAsync(ClientPackets.Connect(new ConnectRequest
            {
                ClientId = $"{user} of {from}", UserName = user, Password = Encoding.UTF8.GetBytes(password),
            }));
            length = await socket.ReceiveAsync(answer);
        }
        catch (SocketException)
        {
            // The endpoint closed the connection because of a limit.
        }

        return length < 4 ? MqttReasonCode.UnspecifiedError : (MqttReasonCode)answer[3];
    }

    // Returns a line in the format of mosquitto_passwd; devices have long random passwords.
    private static string LineOf(string device)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(12);
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(device), salt, DeviceIterations, HashAlgorithmName.SHA512, 64);
        return $"{device}:$7${DeviceIterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}\n";
    }
}
