using System.Text;
using Estream.Wire.OpcUa.Monitoring;
using Estream.Wire.OpcUa.Security;
using Estream.Wire.OpcUa.Transport;

namespace Estream.Wire.OpcUa.Adapter;

/// <summary>Checks the options of an adapter.</summary>
internal static class AdapterChecks
{
    public const int MaxServers = 1_000;
    public const int MaxItems = 100_000;
    private const int MaxNameBytes = 64;

    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    public static void Check(OpcUaAdapterOptions options)
    {
        Require("Servers", options.Servers.Count is > 0 and <= MaxServers, $"has no server, or more than {MaxServers}.");
        Require("Reconnect", options.ReconnectInitial > TimeSpan.Zero && options.ReconnectMax >= options.ReconnectInitial,
            "is not accepted; InitialMs must be at least 1 and MaxMs at least InitialMs.");
        Require("MaxWriteAge", options.MaxWriteAge >= TimeSpan.Zero, "is negative; use zero for no limit.");
        Require("Servers", options.Servers.DistinctBy(server => server.Name).Count() == options.Servers.Count,
            "has two servers of one name. Give each a name of its own.");
        Require("Mappings", options.Mappings.DistinctBy(mapping => mapping.Schema.Name).Count() == options.Mappings.Count,
            "names a schema twice; messages of a schema go to one queue.");
        foreach (OpcUaServerOptions server in options.Servers)
        {
            CheckServer(server);
        }
    }

    private static void CheckServer(OpcUaServerOptions server)
    {
        string who = $"has server '{server.Name}'";
        RequireName(server.Name, "server");
        Require("Servers", EndpointUrl.TryParse(server.Client.Url, out EndpointUrl? url), $"{who} with Url '{server.Client.Url}'; write "
            + "opc.tcp://HOST:PORT/PATH.");
        bool isNone = server.Client.Policy == UaSecurityPolicy.None;
        Require("Servers", isNone || server.Client.PkiFolder is not null, $"{who} without Pki; name the folder of its trust list.");
        Require("Servers", isNone || server.Client.Mode is UaSecurityMode.Sign or UaSecurityMode.SignAndEncrypt,
            $"{who} with Mode None and a policy; write Sign or SignAndEncrypt.");
        Require("Servers", server.Client.User is null || !isNone || SubjectNames.IsLoopback(url!.Host),
            $"{who}, whose password would be readable on the network. Choose a Policy other than None.");
        Require("Servers", server.Client.User is null || server.Client.UserCertificateFile is null,
            $"{who} with a password and a certificate of the user; keep one.");
        Require("Servers", server.Items.Count is > 0 and <= MaxItems, $"{who} with no item, or more than {MaxItems}.");
        Require("Servers", server.Items.DistinctBy(item => item.Name).Count() == server.Items.Count, $"{who} with two items of one name.");
        foreach (OpcUaItemOptions item in server.Items)
        {
            RequireName(item.Name, "item");
            Require("Servers", NamespaceTable.IsNode(item.Node),
                $"{who} with item '{item.Name}' and Node '{item.Node}'; write ns=1;s=NAME, i=NUMBER or nsu=URI;s=NAME.");
            Require("Servers", item.Deadband >= 0 && double.IsFinite(item.Deadband),
                $"{who} with item '{item.Name}', whose Deadband is negative or not a number.");
        }
    }

    private static void RequireName(string name, string what) =>
        Require(
            "Servers",
            name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= MaxNameBytes
                && !name.Any(c => c is '/' or '+' or '#' || char.IsControl(c)),
            $"has a {what} named '{name}'; write 1 to {MaxNameBytes} bytes without / + # and control characters.");

    private static void Require(string key, bool isRight, string message)
    {
        if (!isRight)
        {
            throw new WireConfigurationException(key, message);
        }
    }
}
