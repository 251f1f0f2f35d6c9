using System.Security.Cryptography;
using Estream.Testing;

namespace Estream.Replication.Tests.Brokers;

/// <summary>Three RabbitMQ nodes on loopback, started once for all tests of the collection.</summary>
public sealed class BrokerCluster : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly ChildProcess _names;
    private readonly List<BrokerNode> _nodes = [];
    private int _number;

    public BrokerCluster()
    {
        Assert.True(BrokerNode.IsInstalled, "rabbitmq-server is missing: apt-get install rabbitmq-server");
        int epmdPort = FreePort.Next();
        _names = ChildProcess.Start("epmd", ["-port", $"{epmdPort}", "-address", "127.0.0.1"]);
        string cookie = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        TestCertificates.Write(_folder, "tls").Dispose();
        for (int i = 1; i <= 3; i++)
        {
            _nodes.Add(new BrokerNode(Directory.CreateDirectory(_folder.Combine($"node{i}")).FullName, i, epmdPort));
        }

        try
        {
            StartAll(cookie);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The certificate of the authority of the brokers, in PEM.</summary>
    public string Authority => _folder.Combine("tls-ca.crt");

    internal IReadOnlyList<BrokerNode> Nodes => _nodes;

    /// <summary>A cluster whose streams no other test uses.</summary>
    public ReplicationCluster NewCluster() => new()
    {
        Name = $"test{Interlocked.Increment(ref _number)}",
        Brokers = [.. _nodes.Select(node => node.EndPoint)],
    };

    /// <summary>Starts nodes together and waits until they accept clients.</summary>
    internal static void Start(IReadOnlyList<BrokerNode> nodes)
    {
        foreach (BrokerNode node in nodes)
        {
            node.Start();
        }

        foreach (BrokerNode node in nodes)
        {
            node.WaitUntilReady();
        }
    }

    public void Dispose()
    {
        foreach (BrokerNode node in _nodes)
        {
            node.Dispose();
        }

        _names.Dispose();
        _folder.Dispose();
    }

    private void StartAll(string cookie)
    {
        foreach (BrokerNode node in _nodes)
        {
            node.Configure(_nodes, cookie, _folder.Combine("tls"));
        }

        Start(_nodes);
    }
}

[CollectionDefinition(Name)]
public sealed class BrokerCollection : ICollectionFixture<BrokerCluster>
{
    public const string Name = "brokers";
}
