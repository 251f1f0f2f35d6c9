using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Estream.Cli.Commands.Hosts;

/// <summary>Downloads proofs that a host creates, for `estream witness prove --host`.</summary>
internal static class RemoteProof
{
    /// <summary>Returns a proof of a message, or of the consistency of two attestations. The caller verifies it.</summary>
    /// <exception cref="CliException">The host cannot be reached or refuses the request.</exception>
    public static async Task<byte[]> DownloadAsync(
        HostConnection host, string queue, long? sequence, long? from, long? to, CancellationToken cancellation)
    {
        string path = $"api/queues/{Uri.EscapeDataString(queue)}";
        if (sequence is { } number)
        {
            return await host.DownloadAsync(string.Create(CultureInfo.InvariantCulture, $"{path}/messages/{number}/proof"), cancellation)
                .ConfigureAwait(false);
        }

        long last = to ?? await LastAsync(host, path, cancellation).ConfigureAwait(false);
        return await host.DownloadAsync(
            string.Create(CultureInfo.InvariantCulture, $"{path}/attestations/{last}/history?since={from}"), cancellation)
            .ConfigureAwait(false);
    }

    private static async Task<long> LastAsync(HostConnection host, string path, CancellationToken cancellation)
    {
        (_, JsonDocument attestations) =
            await host.AskAsync(HttpMethod.Get, $"{path}/attestations?last=1", HttpStatusCode.OK, cancellation).ConfigureAwait(false);
        using (attestations)
        {
            return attestations.RootElement.GetArrayLength() > 0
                ? attestations.RootElement[0].GetProperty("number").GetInt64()
                : throw new CliException("The queue has no attestation yet. Retry later.", ExitCode.No);
        }
    }
}
