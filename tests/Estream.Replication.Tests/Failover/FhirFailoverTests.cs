using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Crypto;
using Estream.Queue;
using Estream.Replication.Tests.Brokers;
using Estream.Testing;

namespace Estream.Replication.Tests.Failover;

/// <summary>A pair of hosts with a FHIR server that is killed again and again while it stores, on real brokers.</summary>
[Collection(BrokerCollection.Name)]
public sealed partial class FhirFailoverTests : IDisposable
{
    private const int EachRound = 20;

    private readonly TempDirectory _folder = new();
    private readonly HostPair _pair;
    private readonly HttpListener _endpoint = new();
    private readonly ConcurrentQueue<string> _notified = new();
    private readonly HttpClient _http;
    private int _stored;

    public FhirFailoverTests(BrokerCluster brokers)
    {
        int port = FreePort.Next();
        string endpoint = $"http://127.0.0.1:{FreePort.Next()}/";
        _pair = new HostPair(brokers.NewCluster(), _folder, _ => Sections(port, endpoint), "\"fhir\", \"observations\"");
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/fhir/") };
        _endpoint.Prefixes.Add(endpoint);
        _endpoint.Start();
        _ = Task.Run(ListenAsync);
        WriteKeys();
    }

    public void Dispose()
    {
        _pair.Dispose();
        _endpoint.Close();
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_observation_is_projected_once_and_a_subscription_stays_active_after_failovers()
    {
        int failovers = LongRun.Count(3, 50);
        (string Name, HostProcess Host) active = ("a", _pair.Start("a").WaitUntilReady());
        (string Name, HostProcess Host) standby = ("b", _pair.Start("b"));
        HostPair.WaitUntilFollowing(standby.Host);
        await PutAsync("Subscription/s", $$$"""
            {"resourceType":"Subscription","id":"s","status":"requested","reason":"test","criteria":"Observation",
             "channel":{"type":"rest-hook","endpoint":"{{{_endpoint.Prefixes.Single()}}}","payload":"application/fhir+json"}}
            """);
        for (int round = 0; round < failovers; round++)
        {
            int killedAt = (EachRound * round) + 1 + (round % (EachRound - 1));
            Task storing = StoreAsync(round);
            Eventually.True(() => Volatile.Read(ref _stored) >= killedAt, $"{killedAt} observations are stored", ChildProcess.DefaultLimit);
            active.Host.Kill();
            _ = standby.Host.WaitUntilReady();
            await storing;
            HostProcess again = _pair.Start(active.Name);
            HostPair.WaitUntilFollowing(again);
            (active, standby) = (standby, (active.Name, again));
        }

        await StoreAsync(failovers);
        int count = EachRound * (failovers + 1);
        Eventually.True(() => Projected(active.Name).Count >= count, "all observations are projected", ChildProcess.DefaultLimit);
        using JsonDocument subscription = JsonDocument.Parse(await _http.GetStringAsync(new Uri("Subscription/s", UriKind.Relative)));
        active.Host.Kill();
        List<string> projected = Projected(active.Name);
        Assert.Equal(count, projected.Distinct().Count());
        Assert.Equal(projected.Distinct(), projected);

        // A host may be killed after the endpoint has a notification and before the record of it is replicated.
        Assert.InRange(_notified.Count, count, count + (failovers * EachRound));
        Assert.Equal("active", subscription.RootElement.GetProperty("status").GetString());
        Assert.Equal("1", subscription.RootElement.GetProperty("meta").GetProperty("versionId").GetString());
    }

    private async Task StoreAsync(int round)
    {
        string[] ids = [.. Enumerable.Range(0, EachRound).Select(number => $"o{round}-{number}")];
        foreach (string id in ids)
        {
            await PutAsync($"Observation/{id}", $$$"""
                {"resourceType":"Observation","id":"{{{id}}}","status":"final","code":{"text":"c"},"subject":{"reference":"Patient/p"}}
                """);
            _ = Interlocked.Increment(ref _stored);
        }

        Eventually.True(() => !ids.Except(_notified).Any(), $"the endpoint has the notifications of round {round}",
            ChildProcess.DefaultLimit);
    }

    /// <summary>Writes a resource. Tries again while no host serves, unless the resource is stored: a host may be killed before it
    /// answers.</summary>
    private async Task PutAsync(string path, string body)
    {
        Uri resource = new(path, UriKind.Relative);
        bool isRepeated = false;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    if (isRepeated)
                    {
                        using HttpResponseMessage found = await _http.GetAsync(resource);
                        if (found.StatusCode != HttpStatusCode.NotFound)
                        {
                            return found.IsSuccessStatusCode;
                        }
                    }

                    isRepeated = true;
                    using StringContent content = new(body, Encoding.UTF8, "application/fhir+json");
                    using HttpResponseMessage answer = await _http.PutAsync(resource, content);
                    return answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            $"{path} is stored", ChildProcess.DefaultLimit);
    }

    /// <summary>The pseudonyms of the observations in the mapped queue of a host.</summary>
    private List<string> Projected(string name)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(_folder.Combine(name, "queues", "observations"));
        using QueueTailer tailer = queue.CreateTailer();
        List<string> all = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            all.Add(Pseudonym().Match(Encoding.Latin1.GetString(message.Payload)).Value);
        }

        return all;
    }

    private async Task ListenAsync()
    {
        while (_endpoint.IsListening)
        {
            HttpListenerContext context = await _endpoint.GetContextAsync();
            _notified.Enqueue(context.Request.Url!.Segments[^1]);
            context.Response.StatusCode = 200;
            context.Response.Close();
        }
    }

    private string Sections(int port, string endpoint) => $$"""
        "Privacy": { "Keys": "{{_folder.Combine("keys")}}" },
        "Queues": { "fhir": {}, "observations": {}, "dead-letters": {} },
        "Adapters": {
          "ehr": {
            "Type": "fhir-server", "Port": {{port}}, "Keys": "{{_folder.Combine("keys")}}",
            "PseudonymKeyFile": "{{_folder.Combine("fhir.key")}}", "SubscriptionEndpoints": ["{{endpoint}}"],
            "Mappings": [{ "Schema": "FhirCommit", "Queue": "fhir" }, { "Schema": "FhirObservation", "Queue": "observations" }]
          }
        }
        """;

    private void WriteKeys()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        _ = Directory.CreateDirectory(_folder.Combine("keys"));
        MlKem1024KeyFile.WritePrivate(_folder.Combine("keys", "provider.key.pem"), key);
        MlKem1024KeyFile.WritePublic(_folder.Combine("keys", "provider.pub.pem"), key.PublicKey);
        MlKem1024KeyFile.WritePublic(_folder.Combine("keys", "auditor.pub.pem"), key.PublicKey);
        SecretFiles.Write(_folder.Combine("fhir.key"), "0123456789abcdef0123456789abcdef\n");
    }

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex Pseudonym();
}
