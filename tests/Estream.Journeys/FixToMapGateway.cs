using System.Globalization;
using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>Starts samples/FixToMap and logs on to it.</summary>
internal static class FixToMapGateway
{
    /// <summary>Starts the gateway with its data in a folder <c>data</c>.</summary>
    /// <param name="place">The parent of the folder.</param>
    /// <param name="port">The port the gateway listens on.</param>
    public static ChildProcess Start(TempDirectory place, out int port)
    {
        string program = BuiltProgram.Find("samples/FixToMap", "FixToMap.dll");
        ChildProcess gateway =
            ChildProcess.Start("env", ["--default-signal=INT", "dotnet", program, place.Combine("data"), "0"], place.Path);
        port = int.Parse(gateway.WaitForMatch("^port ([0-9]+)\n", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);
        return gateway;
    }

    /// <summary>Logs on as the desk with reset sequence numbers; the next number is 2.</summary>
    public static FixCounterparty LogOn(int port)
    {
        FixCounterparty desk = new(port, "DESK", "VENUE");
        desk.Send("A", 1, "98=0|108=0|141=Y|");
        Assert.Contains("|35=A|34=1|49=VENUE|", desk.Receive(), StringComparison.Ordinal);
        return desk;
    }

    /// <summary>Sends a limit order to buy.</summary>
    public static void Order(FixCounterparty desk, int number, string id, int quantity, string price)
    {
        string size = quantity.ToString(CultureInfo.InvariantCulture);
        desk.Send("D", number, $"11={id}|55=EURUSD|54=1|60=20260707-12:30:00.000|38={size}|40=2|44={price}|59=1|");
    }
}
