using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Services;

namespace Estream.Wire.OpcUa.Simulation;

/// <summary>Answers the requests of one connection to a simulator.</summary>
internal sealed class SimulatorServices(SimulatorState state)
{
    private const int MaxOperations = 10_000;
    private const double MinIntervalMs = 10;
    private const double MaxIntervalMs = 60_000;
    private static readonly UaNodeId s_root = new(0, 84u);
    private static readonly UaNodeId s_objects = new(0, 85u);
    private static readonly UaNodeId s_namespaces = new(0, 2_255u);
    private static readonly UaNodeId s_resendData = new(0, 12_873u);

    /// <summary>The session whose Publish requests wait on this connection.</summary>
    public uint PublishingSession { get; set; }

    /// <summary>Reads the header of a request.</summary>
    /// <returns>The number of the session, and the handle.</returns>
    public static (uint Session, uint Handle) ReadHeader(ref UaReader reader)
    {
        UaNodeId token = reader.NodeId();
        reader.Int64();
        uint handle = reader.UInt32();
        reader.UInt32();
        reader.Bytes();
        reader.UInt32();
        UaSkip.ExtensionObject(ref reader);
        return (token.Numeric, handle);
    }

    /// <summary>Begins a response with its type and header.</summary>
    public static UaWriter Begin(uint type, uint handle, UaStatus status = default)
    {
        UaWriter writer = new();
        writer.TypeNumber(type);
        writer.Int64(UaTime.FromDateTime(UaTime.Now));
        writer.UInt32(handle);
        writer.Status(status);
        writer.Byte(0);
        writer.NullArray();
        writer.NullStructure();
        return writer;
    }

    public bool HasSubscription(uint session) => state.Subscriptions.Any(one => one.Session == session);

    /// <summary>Answers a request.</summary>
    public UaWriter Answer(byte[] request)
    {
        UaReader reader = new(request);
        uint type = reader.TypeNumber();
        (uint session, uint handle) = ReadHeader(ref reader);
        bool needsSession = type is not (TypeNumbers.GetEndpointsRequest or TypeNumbers.CreateSessionRequest);
        if (needsSession && !state.HasSession(session))
        {
            return Begin(TypeNumbers.ServiceFault, handle, UaStatus.BadSessionIdInvalid);
        }

        UaWriter? response = type switch
        {
            TypeNumbers.GetEndpointsRequest => GetEndpoints(handle),
            TypeNumbers.CreateSessionRequest => CreateSession(handle),
            TypeNumbers.ActivateSessionRequest => ActivateSession(handle),
            TypeNumbers.CloseSessionRequest => CloseSession(handle, session, reader.Boolean()),
            TypeNumbers.BrowseRequest => Browse(handle, ref reader),
            TypeNumbers.ReadRequest => Read(handle, ref reader),
            TypeNumbers.WriteRequest => Write(handle, ref reader),
            TypeNumbers.CallRequest => Call(handle, ref reader),
            TypeNumbers.CreateSubscriptionRequest => CreateSubscription(handle, session, ref reader),
            TypeNumbers.CreateMonitoredItemsRequest => CreateItems(handle, ref reader),
            TypeNumbers.RepublishRequest => Republish(handle, ref reader),
            TypeNumbers.TransferSubscriptionsRequest => Transfer(handle, session, ref reader),
            TypeNumbers.DeleteSubscriptionsRequest => Delete(handle, ref reader),
            TypeNumbers.PublishRequest => Begin(
                TypeNumbers.ServiceFault, handle,
                HasSubscription(session) ? UaStatus.BadTooManyPublishRequests : UaStatus.BadNoSubscription),
            _ => null,
        };
        return reader.IsFailed ? Begin(TypeNumbers.ServiceFault, handle, UaStatus.BadDecodingError)
            : response ?? Begin(TypeNumbers.ServiceFault, handle, UaStatus.BadServiceUnsupported);
    }

    private UaWriter GetEndpoints(uint handle)
    {
        UaWriter response = Begin(TypeNumbers.GetEndpointsResponse, handle);
        WriteEndpoints(response);
        return response;
    }

    private void WriteEndpoints(UaWriter response)
    {
        response.Int32(1);
        response.Text(state.Url);
        response.Text(SimulatorState.NamespaceUri);
        response.Text(SimulatorState.NamespaceUri);
        response.LocalizedText(new UaLocalizedText(null, "Estream simulator"));
        response.UInt32(0);
        response.Text((string?)null);
        response.Text((string?)null);
        response.NullArray();
        response.NullArray();
        response.UInt32((uint)UaSecurityMode.None);
        response.Text(PolicyAlgorithms.Of(UaSecurityPolicy.None).Uri);
        response.Int32(1);
        response.Text("anonymous");
        response.UInt32(UserTokenPolicy.Anonymous);
        response.Text((string?)null);
        response.Text((string?)null);
        response.Text((string?)null);
        response.Text("http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary");
        response.Byte(0);
    }

    private UaWriter CreateSession(uint handle)
    {
        uint session = state.CreateSession();
        UaWriter response = Begin(TypeNumbers.CreateSessionResponse, handle);
        response.NodeId(new UaNodeId(1, session));
        response.NodeId(new UaNodeId(1, session));
        response.Double(120_000);
        response.NullArray();
        response.NullArray();
        WriteEndpoints(response);
        response.NullArray();
        response.Text((string?)null);
        response.NullArray();
        response.UInt32(0);
        return response;
    }

    private static UaWriter ActivateSession(uint handle)
    {
        UaWriter response = Begin(TypeNumbers.ActivateSessionResponse, handle);
        response.NullArray();
        response.NullArray();
        response.NullArray();
        return response;
    }

    private UaWriter CloseSession(uint handle, uint session, bool deletesSubscriptions)
    {
        state.CloseSession(session, deletesSubscriptions);
        return Begin(TypeNumbers.CloseSessionResponse, handle);
    }

    private UaWriter Browse(uint handle, ref UaReader reader)
    {
        reader.NodeId();
        reader.Int64();
        reader.UInt32();
        reader.UInt32();
        int count = Math.Min(reader.ArrayLength(10), MaxOperations);
        UaWriter response = Begin(TypeNumbers.BrowseResponse, handle);
        response.Int32(count);
        for (int index = 0; index < count; index++)
        {
            UaNodeId node = reader.NodeId();
            reader.UInt32();
            reader.NodeId();
            reader.Take(9);
            WriteReferences(response, node);
        }

        response.NullArray();
        return response;
    }

    private void WriteReferences(UaWriter response, UaNodeId node)
    {
        IReadOnlyList<SimulatedVariable> variables = node == SimulatorState.Folder ? state.Variables : [];
        bool isKnown = node == s_root || node == s_objects || node == SimulatorState.Folder || state.TryFind(node) is not null;
        response.Status(isKnown ? UaStatus.Good : UaStatus.BadNodeIdUnknown);
        response.NullArray();
        response.Int32(node == s_root || node == s_objects ? 1 : variables.Count);
        if (node == s_root)
        {
            WriteReference(response, s_objects, new UaQualifiedName(0, "Objects"), 1);
        }
        else if (node == s_objects)
        {
            WriteReference(response, SimulatorState.Folder, new UaQualifiedName(SimulatorState.NamespaceIndex, "Simulation"), 1);
        }

        foreach (SimulatedVariable variable in variables)
        {
            WriteReference(response, variable.Node, new UaQualifiedName(SimulatorState.NamespaceIndex, variable.Name), 2);
        }
    }

    private static void WriteReference(UaWriter response, UaNodeId node, UaQualifiedName name, uint nodeClass)
    {
        response.NodeId(new UaNodeId(0, 35u));
        response.Boolean(true);
        response.ExpandedNodeId(new UaExpandedNodeId(node, null, 0));
        response.QualifiedName(name);
        response.LocalizedText(new UaLocalizedText(null, name.Name));
        response.UInt32(nodeClass);
        response.ExpandedNodeId(new UaExpandedNodeId(new UaNodeId(0, nodeClass == 2 ? 63u : 61u), null, 0));
    }

    private UaWriter Read(uint handle, ref UaReader reader)
    {
        reader.Double();
        reader.UInt32();
        int count = Math.Min(reader.ArrayLength(10), MaxOperations);
        UaWriter response = Begin(TypeNumbers.ReadResponse, handle);
        response.Int32(count);
        for (int index = 0; index < count; index++)
        {
            (UaNodeId node, uint attribute) = ReadItem(ref reader);
            response.DataValue(ValueOf(node, attribute));
        }

        response.NullArray();
        return response;
    }

    private UaDataValue ValueOf(UaNodeId node, uint attribute)
    {
        if (node == s_namespaces && attribute == UaAttribute.Value)
        {
            object?[] table = ["http://opcfoundation.org/UA/", SimulatorState.NamespaceUri];
            return new UaDataValue(new UaVariant(UaType.String, table), UaStatus.Good, null, null);
        }

        SimulatedVariable? variable = state.TryFind(node);
        return variable is null ? Bad(UaStatus.BadNodeIdUnknown) : attribute switch
        {
            UaAttribute.Value => variable.Value,
            UaAttribute.NodeClass => Of(UaType.Int32, 2),
            UaAttribute.BrowseName => Of(UaType.QualifiedName, new UaQualifiedName(SimulatorState.NamespaceIndex, variable.Name)),
            UaAttribute.DisplayName => Of(UaType.LocalizedText, new UaLocalizedText(null, variable.Name)),
            UaAttribute.DataType => Of(UaType.NodeId, new UaNodeId(0, (uint)variable.Value.Value.Type)),
            _ => Bad(UaStatus.BadAttributeIdInvalid),
        };
    }

    private static UaDataValue Of(UaType type, object value) => new(new UaVariant(type, value), UaStatus.Good, null, null);

    private static UaDataValue Bad(UaStatus status) => new(default, status, null, null);

    private static (UaNodeId Node, uint Attribute) ReadItem(ref UaReader reader)
    {
        UaNodeId node = reader.NodeId();
        uint attribute = reader.UInt32();
        reader.Bytes();
        reader.QualifiedName();
        return (node, attribute);
    }

    private UaWriter Write(uint handle, ref UaReader reader)
    {
        int count = Math.Min(reader.ArrayLength(8), MaxOperations);
        UaWriter response = Begin(TypeNumbers.WriteResponse, handle);
        response.Int32(count);
        for (int index = 0; index < count; index++)
        {
            UaNodeId node = reader.NodeId();
            uint attribute = reader.UInt32();
            reader.Bytes();
            UaDataValue value = VariantDecoder.DataValue(ref reader);
            response.Status(reader.IsFailed ? UaStatus.BadDecodingError : Write(node, attribute, value));
        }

        response.NullArray();
        return response;
    }

    private UaStatus Write(UaNodeId node, uint attribute, UaDataValue value)
    {
        SimulatedVariable? variable = state.TryFind(node);
        if (variable is null || attribute != UaAttribute.Value)
        {
            return variable is null ? UaStatus.BadNodeIdUnknown : UaStatus.BadNotWritable;
        }

        if (!variable.IsWritable || variable.Value.Value.Type != value.Value.Type)
        {
            return variable.IsWritable ? UaStatus.BadTypeMismatch : UaStatus.BadNotWritable;
        }

        variable.Set(value.Value);
        return UaStatus.Good;
    }

    private UaWriter Call(uint handle, ref UaReader reader)
    {
        int count = reader.ArrayLength(4);
        UaNodeId target = count == 1 ? reader.NodeId() : default;
        UaNodeId method = count == 1 ? reader.NodeId() : default;
        int arguments = count == 1 ? reader.ArrayLength() : 0;
        UaVariant first = arguments == 1 ? VariantDecoder.Variant(ref reader) : default;
        UaStatus status = UaStatus.BadMethodInvalid;
        if (target.Numeric == 2_253 && method == s_resendData && state.Faults.HasResendData)
        {
            lock (state.Gate)
            {
                SimulatedSubscription? subscription = state.Subscription(first.Value as uint? ?? 0);
                subscription?.Resend();
                state.Faults.ResendCalls++;
                status = subscription is null ? UaStatus.BadSubscriptionIdInvalid : UaStatus.Good;
            }
        }

        UaWriter response = Begin(TypeNumbers.CallResponse, handle);
        response.Int32(1);
        response.Status(status);
        response.NullArray();
        response.NullArray();
        response.NullArray();
        response.NullArray();
        return response;
    }

    private UaWriter CreateSubscription(uint handle, uint session, ref UaReader reader)
    {
        double requested = reader.Double();
        double interval = double.IsFinite(requested) ? Math.Clamp(requested, MinIntervalMs, MaxIntervalMs) : MaxIntervalMs;
        uint lifetime = reader.UInt32();
        uint keepAlive = Math.Clamp(reader.UInt32(), 1, 10_000);
        SimulatedSubscription? created = state.CreateSubscription(session, (int)interval, keepAlive);
        if (created is null)
        {
            return Begin(TypeNumbers.ServiceFault, handle, UaStatus.BadTooManyOperations);
        }

        UaWriter response = Begin(TypeNumbers.CreateSubscriptionResponse, handle);
        response.UInt32(created.Id);
        response.Double(interval);
        response.UInt32(Math.Max(lifetime, 3 * keepAlive));
        response.UInt32(keepAlive);
        return response;
    }

    private UaWriter CreateItems(uint handle, ref UaReader reader)
    {
        SimulatedSubscription? subscription = state.Subscription(reader.UInt32());
        reader.UInt32();
        int count = Math.Min(reader.ArrayLength(30), MaxOperations);
        if (subscription is null)
        {
            return Begin(TypeNumbers.ServiceFault, handle, UaStatus.BadSubscriptionIdInvalid);
        }

        UaWriter response = Begin(TypeNumbers.CreateMonitoredItemsResponse, handle);
        response.Int32(count);
        for (int index = 0; index < count; index++)
        {
            (UaNodeId node, _) = ReadItem(ref reader);
            reader.UInt32();
            uint client = reader.UInt32();
            double sampling = reader.Double();
            UaSkip.ExtensionObject(ref reader);
            uint queue = Math.Clamp(reader.UInt32(), 1, SimulatedItem.MaxQueueSize);
            reader.Boolean();
            SimulatedVariable? variable = reader.IsFailed ? null : state.TryFind(node);
            if (variable is not null)
            {
                lock (state.Gate)
                {
                    subscription.Add(client, variable, (int)queue);
                }
            }

            response.Status(variable is null ? UaStatus.BadNodeIdUnknown : UaStatus.Good);
            response.UInt32((uint)index + 1);
            response.Double(sampling);
            response.UInt32(queue);
            response.NullStructure();
        }

        response.NullArray();
        return response;
    }

    private UaWriter Republish(uint handle, ref UaReader reader)
    {
        SimulatedSubscription? subscription = state.Subscription(reader.UInt32());
        uint sequence = reader.UInt32();
        if (subscription is null)
        {
            return Begin(TypeNumbers.ServiceFault, handle, UaStatus.BadSubscriptionIdInvalid);
        }

        byte[]? message;
        lock (state.Gate)
        {
            message = subscription.Retained(sequence);
            state.Faults.Republished += message is null ? 0 : 1;
        }

        if (message is null)
        {
            return Begin(TypeNumbers.ServiceFault, handle, UaStatus.BadMessageNotAvailable);
        }

        UaWriter response = Begin(TypeNumbers.RepublishResponse, handle);
        response.Raw(message);
        return response;
    }

    private UaWriter Transfer(uint handle, uint session, ref UaReader reader)
    {
        int count = reader.ArrayLength(sizeof(uint));
        SimulatedSubscription? subscription = count == 1 ? state.Subscription(reader.UInt32()) : null;
        bool sendsValues = reader.Boolean();
        if (state.Faults.TransferStatus == UaStatus.BadServiceUnsupported)
        {
            return Begin(TypeNumbers.ServiceFault, handle, UaStatus.BadServiceUnsupported);
        }

        UaStatus status = subscription is null ? UaStatus.BadSubscriptionIdInvalid : state.Faults.TransferStatus;
        UaWriter response = Begin(TypeNumbers.TransferSubscriptionsResponse, handle);
        response.Int32(1);
        response.Status(status);
        lock (state.Gate)
        {
            uint[] available = status.IsBad ? [] : [.. subscription!.Available];
            response.Int32(available.Length);
            foreach (uint sequence in available)
            {
                response.UInt32(sequence);
            }

            if (!status.IsBad)
            {
                subscription!.Session = session;
                if (sendsValues)
                {
                    subscription.Resend();
                }
            }
        }

        response.NullArray();
        return response;
    }

    private UaWriter Delete(uint handle, ref UaReader reader)
    {
        int count = Math.Min(reader.ArrayLength(sizeof(uint)), MaxOperations);
        UaWriter response = Begin(TypeNumbers.DeleteSubscriptionsResponse, handle);
        response.Int32(count);
        for (int index = 0; index < count; index++)
        {
            response.Status(state.DeleteSubscription(reader.UInt32()) ? UaStatus.Good : UaStatus.BadSubscriptionIdInvalid);
        }

        response.NullArray();
        return response;
    }
}
